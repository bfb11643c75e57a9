/** A connection between a fake network and a fake page: what its tests begin with. */
import {
  createFakeActivity,
  createFakeTransport,
  createVirtualClock,
  type FakeActivity,
  type FakeLink,
  type FakeTransport,
  type ScriptedPeer,
  scriptedPeer,
  seededRandom,
  type VirtualClock,
} from '../testing/index.ts'
import { type ConnectionOptions, createConnection } from './actor.ts'
import type { Connection } from './connection.ts'
import type { ConnectionState } from './status.ts'

export interface Scene {
  readonly clock: VirtualClock
  readonly activity: FakeActivity
  readonly transport: FakeTransport
  readonly connection: Connection
  /** Every state so far. */
  readonly states: ConnectionState[]
}

export function scene(peer: ScriptedPeer = {}, options: Partial<ConnectionOptions> = {}): Scene {
  const clock = createVirtualClock()
  const activity = createFakeActivity()
  const transport = createFakeTransport({ clock, onLink: scriptedPeer(peer) })
  const connection = createConnection({
    transports: [transport],
    anonymousKey: async () => 'an-installation-key',
    clientId: 'client-1',
    clock,
    random: seededRandom(1),
    activity,
    away: { afterMs: 60_000 },
    ...options,
  })
  const states: ConnectionState[] = []
  connection.state$.subscribe((state) => states.push(state))
  return { clock, activity, transport, connection, states }
}

export async function connected(
  peer: ScriptedPeer = {},
  options: Partial<ConnectionOptions> = {},
): Promise<Scene> {
  const made = scene(peer, options)
  made.connection.connect()
  await made.clock.advance(0)
  if (!made.connection.session$.value) throw new Error('the scene did not connect')
  return made
}

export function framesOf(link: FakeLink | null | undefined, type: string): readonly unknown[] {
  return link?.received.filter((frame) => frame.type === type) ?? []
}

/** Lets at most `ms` pass in small steps, and says how many passed before `isDone`. */
export async function until(clock: VirtualClock, ms: number, isDone: () => boolean): Promise<number> {
  const start = clock.now()
  while (!isDone() && clock.now() - start < ms) await clock.advance(50)
  return clock.now() - start
}
