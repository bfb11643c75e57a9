/** What a hub is made from. */
import { setImmediate } from 'node:timers'
import {
  type AnyContract,
  type AnyEvents,
  type Contract,
  type EventMap,
  type EventName,
  type EventsOfKey,
  type ParamsOf,
  type PatternKey,
  Patterns,
} from '@holdfast/core/contract'
import { type Clock, type Random, systemClock, systemRandom } from '@holdfast/core/ports'
import type { StartPoint } from '@holdfast/core/protocol'
import { HubError } from './errors.ts'
import { isCount, isObject, type Limits, resolveLimits } from './limits.ts'
import type { RequestInfo } from './link.ts'
import { DEFAULT_RETENTION, type Log, type Retention } from './log/log.ts'
import { jsonLogger, type Logger } from './logger.ts'
import type { MaybePromise } from './maybe-promise.ts'

/** Who a client is. */
export interface Identity {
  readonly id: string
  /** When its token ends, milliseconds since 1970. */
  readonly expiresAt?: number
  /** Whatever `authenticate` wants `authorize` and the hooks to know. */
  readonly claims?: unknown
}

export interface AuthenticateRequest {
  readonly request: RequestInfo
  /** The token of the auth frame; absent at the upgrade. */
  readonly token: string | undefined
  readonly reason: 'upgrade' | 'auth'
}

/** What hooks know of the client at hand. */
export interface ChannelContext<P extends string = string> {
  readonly channel: string
  /** What stood in place of the pattern's braces. */
  readonly params: string extends P ? Readonly<Record<string, string>> : ParamsOf<P>
  readonly identity: Identity
}

export interface AuthorizeRequest<P extends string = string> extends ChannelContext<P> {
  readonly action: 'subscribe' | 'publish' | 'history'
  /** The `params` that the client sent with its subscription, unchecked; null where it sent none. */
  readonly clientParams: Readonly<Record<string, unknown>> | null
}

/** A message as hooks see it: with a contract, after its validator. */
export interface HookMessage<T = unknown, E extends string = string> {
  readonly id: string
  readonly event: E
  /** JSON, or a Uint8Array where bytes were published. */
  readonly data: T
  readonly meta: Readonly<Record<string, unknown>> | null
  /** The identity that published it, or null for the server. */
  readonly sender: string | null
}

/** The messages of a channel's events. */
export type HookMessageOf<M extends EventMap> = {
  [E in EventName<M>]: HookMessage<M[E]['output'], E>
}[EventName<M>]

/** The parts of a message that a hook may replace. What is left out stays. */
export type MessageChange = Partial<Pick<HookMessage, 'event' | 'data' | 'meta'>>

/** Hooks deny by `false` (`forbidden`) or by throwing a HubError of their choice. */
export interface ChannelConfig<P extends string = string, M extends EventMap = AnyEvents> {
  /** Whether its messages are kept in the log; true where left out. */
  readonly durable?: boolean
  /**
   * Who may do what. Without it nobody may, unless the hub is created with `open: true`. Whoever may subscribe may begin
   * at any place that is retained; `history` is asked for pages.
   */
  authorize?(request: AuthorizeRequest<P>): MaybePromise<boolean>
  /** Allows (undefined or true), denies (false), or moves where the subscription begins; a resume goes on where it stood. */
  onSubscribe?(
    request: ChannelContext<P> &
      Pick<AuthorizeRequest, 'clientParams'> & { readonly from: StartPoint | 'resume' },
  ): MaybePromise<boolean | undefined | { readonly from: StartPoint }>
  /** Allows (undefined or true), denies (false), or changes a message that a client publishes. */
  onPublish?(
    message: HookMessageOf<M>,
    context: ChannelContext<P>,
  ): MaybePromise<boolean | undefined | MessageChange>
  /** Passes (undefined), withholds (null) or changes a message on its way out; runs once for all subscribers. */
  onMessage?(
    message: HookMessageOf<M>,
    context: { readonly channel: string },
  ): MessageChange | null | undefined
  /** The same for each subscriber. Slower: the channel's frames are then made for each session. */
  onMessageFor?(message: HookMessageOf<M>, context: ChannelContext<P>): MessageChange | null | undefined
  /** What the log keeps; 10,000 messages or 24 h where left out. */
  readonly retention?: Partial<Retention>
}

/** Configuration by pattern: with a contract, by those of the contract. */
export type ChannelConfigs<C extends AnyContract> = {
  readonly [P in PatternKey<C>]?: ChannelConfig<P, EventsOfKey<C, P>>
}

export interface HubOptions<C extends AnyContract = AnyContract> {
  /** The store of durable channels. The hub opens and closes it. */
  readonly log: Log
  /**
   * Who is this? Called at the upgrade without a token, where an identity, null (401, no upgrade) or undefined (the
   * auth frame decides) may be answered, and for each auth frame. Without it, clients are anonymous.
   */
  readonly authenticate?: (request: AuthenticateRequest) => MaybePromise<Identity | null | undefined>
  /** Configuration by channel pattern, most specific first served: `room:{id}`. */
  readonly channels?: ChannelConfigs<C>
  /**
   * What the channels are and carry, from `defineContract`. Every message is validated by it, whoever publishes it, and
   * stored as the validator put it out; a channel that it does not have is unknown.
   */
  readonly contract?: C
  /** Whether channels without `authorize`, also those that no pattern names, are open to everybody. */
  readonly open?: boolean
  /** Origins that may connect from a browser, such as `https://app.example`. The hub's own origin where left out. */
  readonly allowedOrigins?: readonly string[]
  readonly limits?: Partial<Limits>
  /** The server sends something at least this often; 25,000 where left out. */
  readonly heartbeatMs?: number
  /** How long message ids are remembered, from the first attempt; 15 minutes where left out. */
  readonly idempotencyMs?: number
  /** How long an unauthenticated connection may stay; 10,000 where left out. */
  readonly authTimeoutMs?: number
  /**
   * How long a connection that takes nothing may stay; 120,000 where left out. One that reads 1 kB a second frees a
   * socket's buffer only once a minute.
   */
  readonly stallTimeoutMs?: number
  /** Scopes channels and clients' caches; `default` where left out. */
  readonly app?: string
  /** Warnings and errors as JSON lines on standard error where left out. */
  readonly logger?: Logger
  readonly clock?: Clock
  readonly random?: Random
  /** Runs `flush` once at the end of this tick: where messages are coalesced. `setImmediate` where left out. */
  readonly ticker?: (flush: () => void) => void
  /** For the simulation only: rules left out on purpose, to see that it notices. Never set this. */
  readonly mutants?: ReadonlySet<HubMutant>
}

export type HubMutant = 'replay-before-subscribe' | 'no-buffer' | 'no-hole-check' | 'no-probe'

/** Options with their defaults, checked. */
export interface HubConfig {
  readonly log: Log
  readonly authenticate: HubOptions['authenticate']
  readonly contract: Contract | undefined
  readonly patterns: Patterns<ChannelConfig>
  readonly isOpen: boolean
  readonly allowedOrigins: ReadonlySet<string> | null
  readonly limits: Limits
  readonly heartbeatMs: number
  readonly idempotencyMs: number
  readonly authTimeoutMs: number
  readonly stallTimeoutMs: number
  readonly app: string
  readonly logger: Logger
  readonly clock: Clock
  readonly random: Random
  readonly ticker: (flush: () => void) => void
  readonly mutants: ReadonlySet<HubMutant>
}

const OPTIONS: ReadonlySet<string> = new Set<keyof HubOptions>([
  'log',
  'authenticate',
  'channels',
  'contract',
  'open',
  'allowedOrigins',
  'limits',
  'heartbeatMs',
  'idempotencyMs',
  'authTimeoutMs',
  'stallTimeoutMs',
  'app',
  'logger',
  'clock',
  'random',
  'ticker',
  'mutants',
])

/** Throws `bad_config`, naming the option. */
export function resolveOptions(options: HubOptions): HubConfig {
  if (!isObject(options)) bad('createHub() takes an object of options.')
  // One that is misspelt would be one that is left out: `autenticate` lets everybody in.
  for (const name of Object.keys(options)) if (!OPTIONS.has(name)) bad(`${name} is unknown.`)
  const { log, channels = {}, contract, app = 'default', allowedOrigins, open = false } = options
  if (contract && typeof contract.validate !== 'function') bad('contract must be made by defineContract().')
  if (!isObject(channels)) bad('channels must be an object, with a pattern for each key.')
  if (typeof open !== 'boolean') bad('open must be true or false.')
  if (allowedOrigins !== undefined && !Array.isArray(allowedOrigins)) bad('allowedOrigins must be a list.')
  if (typeof log?.append !== 'function') bad('log must be a log: memoryLog() or sqliteLog(path).')
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(app)) bad('app must be 1 to 64 letters, digits, _ or -.')
  for (const [pattern, config] of Object.entries(channels)) {
    if (contract && !Object.hasOwn(contract.definition.channels, pattern))
      bad(`channels['${pattern}'] is no pattern of the contract.`)
    checkChannel(`channels['${pattern}']`, config)
  }
  if (options.authenticate !== undefined && typeof options.authenticate !== 'function')
    bad('authenticate must be a function.')
  return {
    log,
    authenticate: options.authenticate,
    contract,
    patterns: patternsOf(channels),
    isOpen: open,
    allowedOrigins: allowedOrigins ? new Set(allowedOrigins.map(normalOrigin)) : null,
    limits: resolveLimits(options.limits),
    heartbeatMs: positive('heartbeatMs', options.heartbeatMs ?? 25_000),
    idempotencyMs: positive('idempotencyMs', options.idempotencyMs ?? 15 * 60_000),
    authTimeoutMs: positive('authTimeoutMs', options.authTimeoutMs ?? 10_000),
    stallTimeoutMs: positive('stallTimeoutMs', options.stallTimeoutMs ?? 120_000),
    app,
    logger: options.logger ?? jsonLogger((line) => console.error(line)),
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    ticker: options.ticker ?? setImmediate,
    mutants: options.mutants ?? new Set(),
  }
}

function patternsOf(channels: Readonly<Record<string, ChannelConfig | undefined>>): Patterns<ChannelConfig> {
  try {
    return new Patterns(channels as Readonly<Record<string, ChannelConfig>>)
  } catch (error) {
    bad((error as Error).message)
  }
}

const HOOKS = ['authorize', 'onSubscribe', 'onPublish', 'onMessage', 'onMessageFor']

/** A name that is not known is a hook that would never run. */
function checkChannel(name: string, config: ChannelConfig | undefined): void {
  if (!isObject(config)) bad(`${name} must be an object.`)
  for (const [key, value] of Object.entries(config)) {
    const isHook = HOOKS.includes(key)
    if (!isHook && key !== 'durable' && key !== 'retention') bad(`${name}.${key} is unknown.`)
    if (isHook && value !== undefined && typeof value !== 'function')
      bad(`${name}.${key} must be a function.`)
  }
  if (typeof (config.durable ?? true) !== 'boolean') bad(`${name}.durable must be true or false.`)
  if (!isObject(config.retention ?? {})) bad(`${name}.retention must be an object.`)
  for (const [key, value] of Object.entries({ ...DEFAULT_RETENTION, ...config.retention })) {
    if (!Object.hasOwn(DEFAULT_RETENTION, key)) bad(`${name}.retention.${key} is unknown.`)
    if (!isCount(value) && value !== Number.POSITIVE_INFINITY)
      bad(`${name}.retention.${key} must be a positive whole number, or Infinity.`)
  }
}

function normalOrigin(origin: string): string {
  if (!URL.canParse(origin)) bad(`allowedOrigins: ${origin} is no origin such as https://app.example.`)
  return new URL(origin).origin
}

function positive(name: string, value: number): number {
  if (!isCount(value)) bad(`${name} must be a positive whole number of milliseconds.`)
  return value
}

function bad(message: string): never {
  throw new HubError('bad_config', { message })
}
