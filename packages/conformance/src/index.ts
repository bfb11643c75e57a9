export * from './log/index.ts'
export type { PeerSocket, TransportCapabilities, TransportHarness, TransportSuite } from './transport/peer.ts'
export { transportSuite } from './transport/suite.ts'
