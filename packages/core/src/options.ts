/** What `createClient` takes, and its defaults. */
import type { SequencerMutant } from './channel/sequencer.ts'
import type { Auth } from './connection/tokens.ts'
import type { Contract } from './contract/index.ts'
import { HoldfastError } from './errors.ts'
import {
  type Activity,
  browserActivity,
  type Clock,
  type Locks,
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
  /**
   * What the channels are and carry, from `defineContract`: types for `channel()`, and checks in development. The hub
   * checks in any case, where it has the contract too.
   */
  readonly contract?: Contract | undefined
  /** Where messages, positions and unsent publishes are kept. Default: in memory. */
  readonly store?: Store
  /**
   * What becomes of a publish while there is no connection. Default: it waits in memory. `persist: true`: in the
   * store, across reloads, where it can (`indexedDb`); rows of tabs that are gone are taken over, which Web Locks tell: a
   * page without them (`http:` on another host) may send what a tab that is there still keeps, and it is stored once. `false`: it is rejected with `disconnected`.
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
  /** How long a channel that nobody listens to stays subscribed, unless a message comes. Default: 2.5 s. */
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
  readonly locks: Locks | undefined
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
  const { transports, away = {} } = options
  const outbox = options.outbox || {}
  if (!transports?.[0]?.open) throw badConfig('transports', 'a list of transports')
  if (options.auth && typeof options.auth !== 'function') throw badConfig('auth', 'a function')
  return {
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    activity: options.activity ?? browserActivity(),
    locks: options.locks,
    away: away && { afterMs: amount('away.afterMs', away.afterMs, 60_000) },
    outbox: {
      enabled: options.outbox !== false,
      persist: outbox.persist ?? false,
      maxItems: amount('outbox.maxItems', outbox.maxItems, 1_000),
      ttlMs: amount('outbox.ttlMs', outbox.ttlMs, 24 * 3_600_000),
    },
    lingerMs: amount('lingerMs', options.lingerMs, 2_500),
    ackTimeoutMs: amount('ackTimeoutMs', options.ackTimeoutMs, 10_000),
    mutants: options.mutants ?? new Set(),
  }
}

function amount(name: string, value: number | undefined, otherwise: number): number {
  const used = value ?? otherwise
  if (!Number.isFinite(used) || used < 0) throw badConfig(name, 'a number, 0 or more')
  return used
}

function badConfig(name: string, wanted: string): HoldfastError {
  return new HoldfastError('bad_config', { message: `${name} must be ${wanted}.` })
}
