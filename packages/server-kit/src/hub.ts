/** The hub: composes its parts, and is what applications and endpoints hold. */
import type { AnyContract, ChannelArgument, EventMap, EventName, EventsOf } from '@holdfast/core/contract'
import { randomText } from '@holdfast/core/ports'
import {
  channelName,
  jsonCopy,
  publishMessage,
  toWireData,
  type WireError,
  type WireMessage,
} from '@holdfast/core/protocol'
import { identifyRequest } from './authentication.ts'
import { Channels } from './channels.ts'
import { Clients } from './clients.ts'
import type { HubContext } from './context.ts'
import { HubError } from './errors.ts'
import { Events, type HubEvent, type HubEvents } from './events.ts'
import { toWireError } from './failure.ts'
import { FanOut } from './fan-out.ts'
import { type HistoryOptions, type HistoryPage, readHistory, type StoredMessageOf } from './history.ts'
import type { Limits } from './limits.ts'
import type { Link, RequestInfo } from './link.ts'
import { Offsets } from './offsets.ts'
import { type HubConfig, type HubOptions, type Identity, resolveOptions } from './options.ts'
import { checkOrigin } from './origin.ts'
import { Publisher } from './publisher.ts'
import { Pulse } from './pulse.ts'
import { Replays } from './replays.ts'
import { Session } from './session.ts'
import { Sweeper } from './sweeper.ts'
import { Work } from './work.ts'

const NODE_ID_LENGTH = 12
const MESSAGE_ID_LENGTH = 24
const BEAT_MS = 1_000
const DRAIN_MS = 5_000
/** Clients of a hub that goes away come back spread over this time. */
const RETURN_SPREAD_MS = 3_000

export interface PublishOptions {
  /** Published twice under one id, a message is stored once. Random where left out. */
  readonly id?: string
  readonly meta?: Record<string, unknown>
  /** Publish only while the channel's top is this offset; else `conflict`. */
  readonly ifTop?: string
}

export interface BatchMessage {
  /** `message` where left out. */
  readonly event?: string
  /** JSON, or bytes as a Uint8Array. */
  readonly data: unknown
  readonly meta?: Record<string, unknown>
  readonly id?: string
}

/** A batch's message on a channel of these events. */
export type BatchMessageOf<M extends EventMap> = {
  [E in EventName<M>]: Omit<BatchMessage, 'event' | 'data'> & {
    readonly data: M[E]['input']
  } & ('message' extends E ? { readonly event?: E } : { readonly event: E })
}[EventName<M>]

export interface PublishResult {
  /** The first message's id. */
  readonly id: string
  /** The offset of the last message; null on an ephemeral channel. */
  readonly offset: string | null
  /** The hub's time for them, milliseconds since 1970. */
  readonly timestamp: number
  /** Whether an earlier call had stored them. */
  readonly duplicate: boolean
}

export interface HubHealth {
  readonly status: 'ok' | 'starting' | 'draining' | 'failed'
  readonly sessions: number
  readonly channels: number
}

/** @typeParam C - the contract of its channels, if it has one. */
export interface Hub<C extends AnyContract = undefined> {
  /** Resolves when the log is open; rejects where it cannot be (`log_busy`, `log_incompatible`). */
  readonly ready: Promise<void>
  readonly app: string
  /** Names this hub object; another start has another name. */
  readonly node: string
  readonly limits: Limits
  /**
   * Publishes as the server: no authorize, no hooks; a contract holds here too. Rejects with a HubError.
   * @example await hub.publish('room:42', 'message', { text: 'hello' })
   */
  publish<const N extends string, E extends EventName<EventsOf<C, N>>>(
    channel: ChannelArgument<C, N>,
    event: E,
    data: EventsOf<C, N>[E]['input'],
    options?: PublishOptions,
  ): Promise<PublishResult>
  /** Publishes several messages: all or none, consecutive. */
  publishBatch<const N extends string>(
    channel: ChannelArgument<C, N>,
    messages: readonly BatchMessageOf<EventsOf<C, N>>[],
    options?: Pick<PublishOptions, 'ifTop'>,
  ): Promise<PublishResult>
  /**
   * A page of a channel's log, the newest where neither `before` nor `after` is given: as the server, asking nobody, and
   * as `onMessage` lets messages pass. What a page is rendered with: a client goes on after the last of `messages`.
   * Rejects with a HubError: `bad_channel`, `unknown_channel`, `bad_cursor`, `not_durable`, `log_unavailable`.
   * @example const { messages } = await hub.history('room:42', { limit: 50 })
   */
  history<const N extends string>(
    channel: ChannelArgument<C, N>,
    options?: HistoryOptions,
  ): Promise<HistoryPage<StoredMessageOf<EventsOf<C, N>>>>
  /** Calls `listener` on each event until the returned function is called. */
  on<E extends HubEvent>(event: E, listener: (event: HubEvents[E]) => void): () => void
  health(): HubHealth
  /**
   * For endpoints: whether a request may open a connection. Throws a HubError: `origin_denied`, `unauthenticated`,
   * `draining`, `log_unavailable`.
   * @param isSecure whether the connection is encrypted, as far as the endpoint knows
   */
  admit(request: RequestInfo, isSecure: boolean): Promise<Identity | undefined>
  /** For endpoints: what a client may know of an error; the rest goes to the logger. `doing` says what failed. */
  describe(error: unknown, doing: string): WireError
  /** For endpoints: a session on a link. */
  connect(link: Link, request: RequestInfo, identity?: Identity): Session
  /**
   * Goes away: takes no new connections and commands, finishes those under way (for `drainMs` at most, 5,000 where
   * left out), ends the sessions with a hint when to come back, and closes the log.
   */
  close(options?: { readonly drainMs?: number }): Promise<void>
}

/**
 * Makes a hub and opens its log. Throws `bad_config`, naming the option.
 * @example const hub = createHub({ log: memoryLog(), open: true })
 */
export function createHub<C extends AnyContract = undefined>(options: HubOptions<C>): Hub<C> {
  return new RunningHub(resolveOptions(options as HubOptions)) as Hub<AnyContract> as Hub<C>
}

class RunningHub implements Hub, HubContext {
  readonly config: HubConfig
  readonly log: HubConfig['log']
  readonly node: string
  readonly ready: Promise<void>
  readonly pulse: Pulse
  readonly events: Events
  readonly fanOut: FanOut
  readonly channels: Channels
  readonly clients: Clients = new Clients()
  readonly replays: Replays
  readonly publisher: Publisher
  readonly work: Work = new Work()
  readonly sweeper: Sweeper
  isDraining = false
  readonly #sessions = new Set<Session>()
  readonly #forget = (session: Session): boolean => this.#sessions.delete(session)
  #offsets: Offsets | null = null
  #isFailed = false
  #unsubscribe: () => void = () => undefined
  #closing: Promise<void> | null = null

  constructor(config: HubConfig) {
    this.config = config
    this.log = config.log
    this.node = randomText(config.random, NODE_ID_LENGTH)
    this.events = new Events(config.logger)
    this.fanOut = new FanOut(config.ticker)
    this.channels = new Channels(this)
    this.replays = new Replays(this)
    this.publisher = new Publisher(this)
    this.sweeper = new Sweeper(this.log, config.clock, (error) => this.events.fail('sweep', error))
    this.pulse = new Pulse(config.clock, Math.min(BEAT_MS, config.heartbeatMs / 2), () => this.#beat())
    this.ready = this.#open()
    this.ready.catch((error: unknown) => {
      this.#isFailed = true
      this.events.fail('open', error)
    })
  }

  get app(): string {
    return this.config.app
  }

  get limits(): Limits {
    return this.config.limits
  }

  get offsets(): Offsets {
    if (!this.#offsets) throw new HubError('log_unavailable', { message: 'The log is not open yet.' })
    return this.#offsets
  }

  publish(
    channel: string,
    event: string,
    data: unknown,
    options: PublishOptions = {},
  ): Promise<PublishResult> {
    const { id, meta, ifTop } = options
    const message = { event, data, ...(id === undefined ? {} : { id }), ...(meta ? { meta } : {}) }
    return this.publishBatch(channel, [message], ifTop === undefined ? {} : { ifTop })
  }

  async publishBatch(
    channel: string,
    messages: readonly BatchMessage[],
    options: Pick<PublishOptions, 'ifTop'> = {},
  ): Promise<PublishResult> {
    await this.ready
    if (this.isDraining) throw new HubError('draining')
    const wire = messages.map((message) => this.#wireMessage(message))
    const [first] = wire
    if (!first) throw new HubError('bad_message', { message: 'A batch has at least one message.' })
    const append = await this.publisher.accept(checkedName(channel), {
      identity: null,
      messages: wire,
      ...options,
    })
    const { offset, time, isDuplicate } = await append()
    return { id: first.id, offset, timestamp: time, duplicate: isDuplicate }
  }

  async history(channel: string, options: HistoryOptions = {}): Promise<HistoryPage> {
    await this.ready
    return readHistory(this, this.channels.setup(checkedName(channel)), options)
  }

  on<E extends HubEvent>(event: E, listener: (event: HubEvents[E]) => void): () => void {
    return this.events.on(event, listener)
  }

  health(): HubHealth {
    const status = this.isDraining
      ? 'draining'
      : this.#isFailed
        ? 'failed'
        : this.#offsets
          ? 'ok'
          : 'starting'
    return { status, sessions: this.#sessions.size, channels: this.channels.size }
  }

  async admit(request: RequestInfo, isSecure: boolean): Promise<Identity | undefined> {
    checkOrigin(request.headers, this.config.allowedOrigins, isSecure)
    if (this.isDraining) throw new HubError('draining')
    try {
      await this.ready
    } catch (cause) {
      throw new HubError('log_unavailable', { cause })
    }
    return identifyRequest(this.config, request)
  }

  connect(link: Link, request: RequestInfo, identity?: Identity): Session {
    const session = new Session(this, link, request, identity, this.#forget)
    this.#sessions.add(session)
    this.pulse.start()
    if (this.isDraining) session.fail('draining', 4503, this.#comeBack())
    return session
  }

  close(options: { readonly drainMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(options.drainMs ?? DRAIN_MS)
    return this.#closing
  }

  describe(error: unknown, doing: string): WireError {
    return toWireError(this, error, doing)
  }

  async #open(): Promise<void> {
    await this.log.open()
    this.#offsets = new Offsets(this.log.secret)
    this.#unsubscribe = this.log.subscribe((bell) => this.channels.ring(bell))
  }

  async #close(drainMs: number): Promise<void> {
    this.isDraining = true
    await this.ready.catch(() => undefined)
    await this.#drained(drainMs)
    for (const session of [...this.#sessions]) session.fail('draining', 4503, this.#comeBack())
    this.fanOut.flush()
    this.pulse.stop()
    this.#unsubscribe()
    if (this.#offsets) await this.log.close()
  }

  #drained(drainMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.config.clock.after(drainMs, resolve)
      this.work.idle().then(() => {
        timer.clear()
        resolve()
      })
    })
  }

  #comeBack(): { retryAfterMs: number } {
    return { retryAfterMs: Math.floor(this.config.random.fraction() * RETURN_SPREAD_MS) }
  }

  #beat(): boolean {
    const { now } = this.pulse
    for (const session of this.#sessions) session.beat(now)
    if (this.#offsets) {
      this.channels.probe(now)
      this.sweeper.look()
    }
    return this.#sessions.size > 0 || this.channels.size > 0
  }

  #wireMessage({ id, event, data, meta }: BatchMessage): WireMessage {
    const message: WireMessage = {
      id: id ?? randomText(this.config.random, MESSAGE_ID_LENGTH),
      ...(event === undefined ? {} : { event }),
      ...toWireData(data),
      ...(meta ? { meta } : {}),
    }
    const [copy] = jsonCopy([message], refused) as [WireMessage]
    if (!('data' in copy)) throw refused('data is undefined')
    const fault = publishMessage.fault(message)
    if (fault) throw refused(`message${fault}`)
    return copy
  }
}

function refused(fault: string, cause?: unknown): HubError {
  return new HubError('bad_message', { message: `The message cannot be sent: ${fault}.`, cause })
}

function checkedName(channel: string): string {
  const fault = channelName.fault(channel)
  if (fault) throw new HubError('bad_channel', { message: `The name${fault}.` })
  return channel
}
