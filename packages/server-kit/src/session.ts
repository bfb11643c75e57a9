/** One connection: who is on it, what it is subscribed to, and what waits to be sent on it. */
import { randomText } from '@holdfast/core/ports'
import {
  type AuthFrame,
  type ClientFrame,
  type CloseCode,
  type DetachFrame,
  decodeClientFrame,
  type ErrorCode,
  encodeFrame,
  type WireErrorDetails,
  wireError,
} from '@holdfast/core/protocol'
import { ANONYMOUS_PREFIX, identify } from './authentication.ts'
import type { Channel, ChannelSetup } from './channel.ts'
import { runCommand } from './commands.ts'
import type { HubContext } from './context.ts'
import { EncodedFrame } from './encoded-frame.ts'
import { HubError } from './errors.ts'
import type { ClientInfo } from './events.ts'
import { toWireError } from './failure.ts'
import { RATE_WINDOW_SECONDS, RateLimit } from './limits.ts'
import type { Link, RequestInfo } from './link.ts'
import type { ChannelContext, Identity } from './options.ts'
import { Outbound } from './outbound.ts'
import { SmallMap } from './small-map.ts'
import { Subscription } from './subscription.ts'

const SESSION_ID_LENGTH = 16
/** What a token may be late for: the renewal may be under way. */
const EXPIRY_GRACE_MS = 5_000
/** Half heartbeats without a sign of life after which the peer counts as gone. */
const SILENT_CHECKS = 5
const HEARTBEAT = new EncodedFrame(encodeFrame({ type: 'heartbeat' }))

/** The close codes of a refused `auth`. */
const DENIALS: ReadonlyMap<ErrorCode, CloseCode> = new Map([
  ['forbidden', 4403],
  ['replaced', 4409],
  ['unauthenticated', 4401],
  ['token_expired', 4401],
])

/** A client of the session. */
export interface Client {
  readonly number: number
  readonly info: ClientInfo
  /** Channels it is subscribed to, or about to be. */
  channels: number
}

export class Session extends Outbound {
  readonly id: string
  /** Its place in the order in which the hub's sessions were opened. */
  readonly order: number
  identity: Identity | null = null
  /** Kept for `authenticate`, and only where there is one. */
  readonly #request: RequestInfo | null
  readonly #clients = new SmallMap<number, Client>()
  readonly #subscriptions = new SmallMap<string, Subscription[]>()
  /** Per channel, publishes whose hooks are still being asked; made when the first one has to wait. */
  publishing: Map<string, Promise<void>> | null = null
  /** The last of the long answers that wait for each other. */
  #turn: Promise<void> | null = null
  readonly #rate: RateLimit
  readonly #end: (session: Session) => void
  /** The identity that the upgrade gave. */
  #given: Identity | null
  #authenticating = 0
  /** Commands that wait for the auth frame before them. */
  #waiting: Exclude<ClientFrame, AuthFrame>[] | null = null
  #inFlight = 0
  #heard = true
  #silentChecks = 0
  #checkAt: number
  #authDeadline: number
  #expiresAt = Number.POSITIVE_INFINITY

  /** @param end is called once, when the session has ended */
  constructor(
    context: HubContext,
    link: Link,
    request: RequestInfo,
    given: Identity | undefined,
    end: (session: Session) => void,
  ) {
    super(context, link)
    const { config, pulse } = context
    this.id = randomText(config.random, SESSION_ID_LENGTH)
    this.order = context.clients.nextOrder()
    this.#request = config.authenticate ? request : null
    this.#given = given ?? null
    this.#end = end
    this.#rate = new RateLimit(config.limits.framesPerSecond, pulse.periodMs, pulse.now)
    this.#authDeadline = pulse.after(config.authTimeoutMs)
    // Spread out, so that ten thousand sessions that came together are not all served in one beat.
    this.#checkAt = pulse.now + 1 + Math.floor(config.random.fraction() * this.#checkEvery)
  }

  /** A frame's text came in. Never throws. */
  receive(text: string): void {
    if (this.isClosed) return
    this.#heard = true
    if (!this.#rate.take(this.context.pulse.now)) {
      this.fail('rate_limited', 4429, { retryAfterMs: RATE_WINDOW_SECONDS * 100 })
      return
    }
    const decoded = decodeClientFrame(text)
    if (!decoded.ok) {
      this.fail('bad_frame', 4400, { message: decoded.fault.slice(0, 200) })
      return
    }
    const { frame } = decoded
    // Nothing is kept for somebody who has not said who they are.
    if (!this.identity && frame.type !== 'auth') {
      this.fail('bad_frame', 4400, {
        message: 'The first frame must be auth, and the next waits for its welcome.',
      })
      return
    }
    this.#inFlight++
    this.context.work.begin()
    if (this.#inFlight > this.context.config.limits.commands)
      this.refuse(frame, new HubError('too_many_commands'))
    else if (this.context.isDraining && frame.type !== 'ping') this.refuse(frame, new HubError('draining'))
    else if (frame.type === 'auth') this.#authenticate(frame)
    else this.#dispatch(frame)
  }

  /** The peer answered a ping below the protocol. */
  heard(): void {
    this.#heard = true
  }

  /** The link has ended. */
  closed(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.release()
    for (const client of this.#clients.values()) this.#detach(client)
    for (; this.#inFlight > 0; this.#inFlight--) this.context.work.end()
    this.#end(this)
  }

  /** Ends the session with an error of its own. */
  fail(code: ErrorCode, closeCode: CloseCode, details: WireErrorDetails = {}): void {
    if (this.isClosed) return
    this.queue(new EncodedFrame(encodeFrame({ type: 'error', error: wireError(code, details) })))
    this.flush()
    this.link.close(closeCode, code)
    this.closed()
  }

  /** Runs what may have long answers, one after the other. */
  inTurn(answer: () => Promise<void>): Promise<void> {
    const answered = this.#turn ? this.#turn.then(answer) : answer()
    const turn = answered
      .catch(() => undefined)
      .finally(() => {
        if (this.#turn === turn) this.#turn = null
      })
    this.#turn = turn
    return answered
  }

  /** The answer to a command. */
  answer(text: string): void {
    if (this.isClosed) return
    this.#inFlight--
    this.context.work.end()
    this.queue(new EncodedFrame(text))
  }

  refuse({ id, client, type }: ClientFrame, error: unknown): void {
    const number = client === undefined ? {} : { client }
    this.answer(encodeFrame({ type: 'error', id, ...number, error: toWireError(this.context, error, type) }))
  }

  /** The number that frames for a client carry: none while it is alone. */
  numberFor(client: number): number | undefined {
    return this.#clients.size > 1 ? client : undefined
  }

  hookContext({ name, params }: ChannelSetup): ChannelContext {
    return { channel: name, params, identity: this.identity as Identity }
  }

  /** A subscription in place of the client's earlier one on that channel. */
  subscribe(client: Client, setup: ChannelSetup): Subscription {
    this.unsubscribe(client, setup.name)
    if (client.channels >= this.context.config.limits.channelsPerClient)
      throw new HubError('too_many_channels')
    client.channels++
    const channel = this.context.channels.retain(setup)
    const subscription = new Subscription(this.context, this, client.number, channel)
    const others = this.#subscriptions.get(setup.name)
    if (others) others.push(subscription)
    else this.#subscriptions.set(setup.name, [subscription])
    this.link.hasSeveralChannels = this.#subscriptions.size > 1
    this.arrange(channel)
    return subscription
  }

  /** Ends a client's subscription, where there is one. */
  unsubscribe(client: Client, channel: string): void {
    const subscription = this.#subscriptions.get(channel)?.find((one) => one.client === client.number)
    if (subscription) this.drop(client, subscription)
  }

  drop(client: Client, subscription: Subscription): void {
    if (subscription.isEnded) return
    const { channel } = subscription
    subscription.end()
    if (subscription.isTold)
      this.context.events.emit('unsubscribe', { ...client.info, channel: channel.setup.name })
    client.channels--
    const others = this.#subscriptions.get(channel.setup.name)?.filter((one) => one !== subscription) ?? []
    if (others.length > 0) this.#subscriptions.set(channel.setup.name, others)
    else this.#subscriptions.delete(channel.setup.name)
    this.link.hasSeveralChannels = this.#subscriptions.size > 1
    this.arrange(channel)
    this.context.channels.release(channel)
  }

  liveOn(channel: Channel): readonly Subscription[] {
    return (this.#subscriptions.get(channel.setup.name) ?? []).filter(({ isLive }) => isLive)
  }

  /**
   * Decides how a channel's frames reach the session's clients. When all of them are live, one frame serves them
   * all; while one is still reading the log, the others' frames carry their numbers, or it would see a hole.
   */
  arrange(channel: Channel): void {
    const subscriptions = this.#subscriptions.get(channel.setup.name) ?? []
    const live = subscriptions.filter(({ isLive }) => isLive)
    const isOwn = ({ isPersonal, isMissing }: Subscription): boolean => isPersonal || isMissing
    const isShared = live.length === subscriptions.length && !live.some(isOwn)
    for (const [at, subscription] of live.entries()) {
      subscription.isPlain = isShared
      if (isShared && at > 0) channel.leave(subscription)
      else channel.place(subscription)
    }
  }

  /** What a beat of the hub brings: deadlines, the heartbeat, the watch for a dead peer. */
  beat(now: number): void {
    if (!this.identity && now >= this.#authDeadline) this.fail('auth_timeout', 4408)
    else if (now >= this.#expiresAt) this.fail('token_expired', 4401)
    else if (this.hasStalled(now)) this.fail('slow_consumer', 4503)
    else if (now >= this.#checkAt) this.#check(now)
  }

  get #checkEvery(): number {
    const { config, pulse } = this.context
    return Math.max(1, Math.floor(config.heartbeatMs / 2 / pulse.periodMs))
  }

  /** Twice a heartbeat: what was quiet since the last time gets one, so that it is never quiet for longer. */
  #check(now: number): void {
    this.#checkAt = now + this.#checkEvery
    if (this.#heard) this.#silentChecks = 0
    else if (++this.#silentChecks >= SILENT_CHECKS) {
      if (this.link.terminate) this.link.terminate()
      else this.link.close(1001, 'no sign of life')
      this.closed()
      return
    }
    this.#heard = false
    if (this.isQuiet) {
      this.link.ping?.()
      // Before the welcome the client knows of no heartbeat.
      if (this.identity) this.queue(HEARTBEAT)
    } else {
      this.isQuiet = true
      this.link.isClear = false
    }
  }

  #authenticate(frame: AuthFrame): void {
    this.#authenticating++
    this.#attach(frame)
      .catch((error: unknown) => this.#denied(frame, error))
      .finally(() => {
        this.#authenticating--
        const waiting = this.#waiting ?? []
        this.#waiting = null
        for (const next of waiting) if (!this.isClosed) this.#dispatch(next)
      })
  }

  async #attach(frame: AuthFrame): Promise<void> {
    const { context } = this
    const { config } = context
    await context.ready
    const current = this.identity ?? this.#given
    const identity = await identify(config, frame, this.#request, current)
    if (this.isClosed) return
    const number = frame.client ?? 0
    if (this.identity && this.identity.id !== identity.id)
      throw new HubError('forbidden', { message: 'A session has one identity.' })
    const attached = this.#clients.get(number)
    if (!attached && this.#clients.size >= config.limits.clientsPerSession)
      throw new HubError('too_many_clients')
    this.#given = null
    this.identity = identity
    context.clients.attach(frame.clientId, this)
    if (attached && attached.info.clientId !== frame.clientId)
      context.clients.detach(attached.info.clientId, this)
    if (identity.expiresAt !== undefined) {
      this.#expiresAt = context.pulse.after(identity.expiresAt - config.clock.now() + EXPIRY_GRACE_MS)
    } else this.#expiresAt = Number.POSITIVE_INFINITY
    const info: ClientInfo = { session: this.id, clientId: frame.clientId, identity }
    this.#clients.set(number, { number, info, channels: attached?.channels ?? 0 })
    this.#welcome(frame, identity)
    if (!attached) context.events.emit('connect', info)
  }

  #welcome(frame: AuthFrame, { id, expiresAt }: Identity): void {
    const { config, node } = this.context
    const { limits, heartbeatMs, idempotencyMs, app } = config
    const time = config.clock.now()
    this.answer(
      encodeFrame({
        type: 'welcome',
        id: frame.id,
        ...(frame.client === undefined ? {} : { client: frame.client }),
        session: this.id,
        node,
        app,
        identity: { id, isAnonymous: !config.authenticate && id.startsWith(ANONYMOUS_PREFIX) },
        time,
        heartbeatMs,
        ...(expiresAt === undefined ? {} : { expiresInMs: Math.max(0, Math.floor(expiresAt - time)) }),
        idempotencyMs,
        limits: {
          frameBytes: limits.frameBytes,
          messageBytes: limits.messageBytes,
          batchMessages: limits.batchMessages,
          channels: limits.channelsPerClient,
          commands: limits.commands,
        },
        features: [],
      }),
    )
  }

  /** A token that is refused ends the session; so does one of somebody else, unless it was for another client. */
  #denied(frame: AuthFrame, error: unknown): void {
    this.refuse(frame, error)
    if (this.isClosed) return
    const code = error instanceof HubError ? error.code : 'internal'
    const isRenewal = this.#clients.has(frame.client ?? 0)
    if (code === 'too_many_clients' || (code === 'forbidden' && this.identity && !isRenewal)) return
    const closeCode = DENIALS.get(code) ?? 4500
    this.flush()
    this.link.close(closeCode, code)
    this.closed()
  }

  #dispatch(frame: Exclude<ClientFrame, AuthFrame>): void {
    const client = this.#clients.get(frame.client ?? 0)
    if (client) {
      if (frame.type === 'detach') this.#leave(frame, client)
      else runCommand(this.context, this, client, frame)
    } else if (this.#authenticating > 0) {
      this.#waiting ??= []
      this.#waiting.push(frame)
    } else
      this.refuse(
        frame,
        new HubError('unauthenticated', { message: 'Send an auth frame for this client first.' }),
      )
  }

  #leave({ id, client: number }: DetachFrame, client: Client): void {
    this.#detach(client)
    this.answer(encodeFrame({ type: 'ok', id, ...(number === undefined ? {} : { client: number }) }))
  }

  #detach(client: Client): void {
    for (const [channel, subscriptions] of this.#subscriptions.entries()) {
      if (!subscriptions.some((one) => one.client === client.number)) continue
      this.unsubscribe(client, channel)
    }
    this.#clients.delete(client.number)
    this.context.clients.detach(client.info.clientId, this)
    this.context.events.emit('disconnect', client.info)
  }
}
