/** What `createClient` takes, and its defaults. */
import type { SequencerMutant } from './channel/sequencer.ts'
import type { Auth } from './connection/tokens.ts'
import { HoldfastError } from './errors.ts'
import {
  type Activity,
  browserActivity,
  type Clock,
  type Locks,
  platformLocks,
  type Random,
  systemClock,
  systemRandom,
} from './ports/index.ts'
import type { Store } from './stores/store.ts'
import type { Transport } from './transports/transport.ts'

export interface ClientOptions {
  /** Tried in order; what works is kept. At least one. */
  readonly transports: readonly Transport[]
  /** Fetches a token: called before the first frame of a session, again before it expires, and once on refusal. */
  readonly auth?: Auth
  /** Where messages, positions and unsent publishes are kept. Default: in memory. */
  readonly store?: Store
  /**
   * What becomes of a publish while there is no connection. Default: it waits in memory. `persist: true`: in the
   * store, across reloads. `false`: it is rejected with `disconnected`.
   */
  readonly outbox?:
    | false
    | { readonly persist?: boolean; readonly maxItems?: number; readonly ttlMs?: number }
  /** AWAY after this long hidden or idle. Default: 60 s. `false`: never. */
  readonly away?: false | { readonly afterMs?: number }
  /**
   * Whose data the store opens before the server has said who this is: the identity's id, where the page knows it.
   * Left out, nothing stored is shown before the server's welcome, so that nobody sees another's.
   */
  readonly identity?: string
  /** How long an unused channel stays subscribed. Default: 2.5 s. */
  readonly lingerMs?: number
  /** How long the server may take to answer. Default: 10 s. */
  readonly ackTimeoutMs?: number
  readonly clock?: Clock
  readonly random?: Random
  readonly activity?: Activity
  readonly locks?: Locks
  /** @internal For the simulation. */
  readonly mutants?: ReadonlySet<SequencerMutant>
}

/** The options with their defaults. */
export interface Settings {
  readonly clock: Clock
  readonly random: Random
  readonly activity: Activity
  readonly locks: Locks
  readonly away: false | { readonly afterMs: number }
  readonly outbox: {
    readonly enabled: boolean
    readonly persist: boolean
    readonly maxItems: number
    readonly ttlMs: number
  }
  readonly lingerMs: number
  readonly ackTimeoutMs: number
  readonly mutants: ReadonlySet<SequencerMutant>
}

/** @throws HoldfastError `bad_config`, with the option's name */
export function readOptions(options: ClientOptions): Settings {
  if (!Array.isArray(options.transports) || options.transports.length === 0)
    throw new HoldfastError('bad_config', { message: 'transports must list at least one transport.' })
  const outbox = options.outbox === false ? null : (options.outbox ?? {})
  const away = options.away === false ? false : { afterMs: options.away?.afterMs ?? 60_000 }
  const settings: Settings = {
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    activity: options.activity ?? browserActivity(),
    locks: options.locks ?? platformLocks(),
    away,
    outbox: {
      enabled: outbox !== null,
      persist: outbox?.persist ?? false,
      maxItems: outbox?.maxItems ?? 1_000,
      ttlMs: outbox?.ttlMs ?? 24 * 3_600_000,
    },
    lingerMs: options.lingerMs ?? 2_500,
    ackTimeoutMs: options.ackTimeoutMs ?? 10_000,
    mutants: options.mutants ?? new Set(),
  }
  const durations = {
    'away.afterMs': away ? away.afterMs : 1,
    'outbox.maxItems': settings.outbox.maxItems,
    'outbox.ttlMs': settings.outbox.ttlMs,
    lingerMs: settings.lingerMs,
    ackTimeoutMs: settings.ackTimeoutMs,
  }
  for (const [name, value] of Object.entries(durations)) {
    if (!Number.isFinite(value) || value < 0)
      throw new HoldfastError('bad_config', { message: `${name} must be a number, 0 or more.` })
  }
  return settings
}
