/** `@holdfast/core/testing`: a client's surroundings without a network, a page or real time. */
export { createFakeActivity, type FakeActivity } from './fake-activity.ts'
export {
  createFakeTransport,
  type FakeLink,
  type FakeTransport,
  type FakeTransportOptions,
} from './fake-transport.ts'
export { type Fault, type FaultScript, playFaults, type ScriptedFault } from './fault-script.ts'
export { type ScriptedPeer, scriptedPeer, welcomeFrame } from './scripted-peer.ts'
export { seededRandom } from './seeded-random.ts'
export { createVirtualClock, settled, type VirtualClock } from './virtual-clock.ts'
