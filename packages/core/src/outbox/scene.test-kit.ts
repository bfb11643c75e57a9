/** An outbox on a scripted connection: what its tests begin with. */
import type { Command, Connection, Session } from '../connection/connection.ts'
import { HoldfastError } from '../errors.ts'
import { processLocks } from '../ports/index.ts'
import { type ErrorCode, type OkFrame, type WelcomeFrame, wireError } from '../protocol/index.ts'
import { Writable } from '../readable.ts'
import { outboxJournal } from '../stores/journal.ts'
import { memoryStore } from '../stores/memory.ts'
import type { Store } from '../stores/store.ts'
import { createVirtualClock, seededRandom, type VirtualClock, welcomeFrame } from '../testing/index.ts'
import { createOutbox, type Outbox, type OutboxSettings } from './outbox.ts'

export interface Sent {
  readonly command: Extract<Command, { type: 'publish' }>
  readonly ids: readonly string[]
  ack(over?: Partial<OkFrame>): void
  fail(code: ErrorCode, retryAfterMs?: number): void
}

/** `ackTimeoutMs`: how long the scripted connection waits for an answer; for ever where left out. */
export type SceneSettings = OutboxSettings & { readonly ackTimeoutMs: number }

export interface Scene {
  readonly clock: VirtualClock
  readonly store: Store
  readonly sent: Sent[]
  readonly outbox: Outbox
  readonly scope: string
  online(limits?: Partial<Session['welcome']['limits']>): void
  /** Ends the session; what is in flight fails with `network`. */
  offline(): void
  /** Another client on the same store, locks and clock. */
  other(clientId: string, settings?: Partial<SceneSettings>): Scene
}

const WELCOME: WelcomeFrame = welcomeFrame()
const SCOPE: string = JSON.stringify([WELCOME.app, WELCOME.identity.id])

export function scene(settings: Partial<SceneSettings> = {}): Scene {
  const clock = createVirtualClock()
  return sceneWith({ clock, store: memoryStore(), locks: processLocks(), clientId: 'a', ...settings }, clock)
}

function sceneWith(
  shared: Pick<OutboxSettings, 'store' | 'locks' | 'clientId'> & Partial<SceneSettings>,
  clock: VirtualClock,
): Scene {
  const { ackTimeoutMs } = shared
  const session = new Writable<Session | null>(null)
  const sent: Sent[] = []
  const inFlight = new Set<Sent>()
  let generation = 0
  const connection: Pick<Connection, 'request' | 'session$'> = {
    session$: session.readable,
    request(command) {
      if (!session.value) return Promise.reject(new HoldfastError('disconnected'))
      if (command.type !== 'publish') throw new Error(`unexpected ${command.type}`)
      return new Promise((resolve, reject) => {
        const one: Sent = {
          command,
          ids: command.messages.map(({ id }) => id),
          ack(over = {}) {
            inFlight.delete(one)
            resolve({ type: 'ok', id: 1, at: `at-${sent.indexOf(one)}`, time: 7, duplicate: false, ...over })
          },
          fail(code, retryAfterMs) {
            inFlight.delete(one)
            reject(
              HoldfastError.fromWire(wireError(code, retryAfterMs === undefined ? {} : { retryAfterMs })),
            )
          },
        }
        sent.push(one)
        inFlight.add(one)
        if (ackTimeoutMs !== undefined) clock.after(ackTimeoutMs, () => one.fail('timeout'))
      })
    },
  }
  const store: Store = { ...shared.store, journal: (options) => outboxJournal(shared.store, options) }
  const outbox = createOutbox({
    connection,
    clock,
    random: seededRandom(1),
    persist: false,
    enabled: true,
    maxItems: 1_000,
    ttlMs: 24 * 3_600_000,
    ...shared,
    store,
  })
  return {
    clock,
    store: shared.store,
    sent,
    outbox,
    scope: SCOPE,
    online: (limits = {}) =>
      session.set({
        welcome: { ...WELCOME, limits: { ...WELCOME.limits, ...limits } },
        generation: ++generation,
      }),
    offline() {
      session.set(null)
      for (const one of [...inFlight]) one.fail('network')
    },
    other: (clientId, settings = {}) => sceneWith({ ...shared, ...settings, clientId }, clock),
  }
}
