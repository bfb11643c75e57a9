/** A channel as the application holds it. */
import { Observable, Subscription } from 'rxjs'
import type { AnyEvents, EventMap, EventName } from '../contract/event-map.ts'
import { HoldfastError } from '../errors.ts'
import type { Publish, PublishInput, PublishInputOf, PublishOptions } from '../outbox/publish.ts'
import {
  formatOffset,
  type GapFrame,
  isChannelName,
  type MessagesFrame,
  type OkFrame,
  type Position,
  parseOffset,
  type SubscribedItem,
  type SubscribeItem,
  samePosition,
} from '../protocol/index.ts'
import { Emitter, type Readable, Writable } from '../readable.ts'
import type { CachedMessage } from '../stores/store.ts'
import type { ChannelContext } from './context.ts'
import { checkPage, checkParams, startPoint } from './cursor.ts'
import { ownGap, splitAtGaps, toDelivered, toGap, toMessage } from './deliveries.ts'
import { type HistoryOptions, type HistoryPage, toPage } from './history.ts'
import {
  type BatchHandler,
  type Delivered,
  type From,
  guarded,
  Listener,
  type MessageHandler,
  type SubscribeOptions,
} from './listener.ts'
import type { Gap, Message, MessageOf, MessageSource } from './message.ts'
import { rewind, shownUpTo } from './rewind.ts'
import { type Delivery, type Sequenced, Sequencer } from './sequencer.ts'
import { type ChannelState, IDLE } from './state.ts'
import { RETRY_MS, Wire } from './wire.ts'

/** Ends one subscription: only its handler is removed. */
export interface Unsubscribe {
  (): void
  /**
   * Resolves when the server has given a position: what is published from here on arrives, after what was asked for from
   * before. Rejects with a HoldfastError where the server refuses, or with `cancelled`. A listener that was refused goes
   * on when the channel is allowed after all.
   */
  readonly ready: Promise<void>
}

/** What the client holds of a channel. */
export interface LoadedChannel<M extends Message = Message> {
  /** In the order of arrival, oldest first; `source` is `cache`. */
  readonly messages: readonly M[]
  /** Where to go on: `subscribe({ from: lastOffset }, …)`. Null where nothing is held. */
  readonly lastOffset: string | null
}

/** @typeParam M - the channel's events, which a contract tells. */
export class Channel<M extends EventMap = AnyEvents> {
  declare readonly name: string
  /** How the subscription stands. */
  declare readonly status$: Readable<ChannelState>
  /** Missing messages. Watching it does not subscribe to the channel. */
  declare readonly gap$: Observable<Gap>
  /** Every message. Subscribes to the channel for as long as somebody is subscribed to this. */
  declare readonly messages$: Observable<MessageOf<M>>

  readonly #context: ChannelContext
  readonly #wire: Wire
  readonly #state = new Writable<ChannelState>(IDLE)
  readonly #gaps = new Emitter<Gap>()
  readonly #listeners = new Set<Listener>()
  #sequencer: Sequencer
  /** Null until the store has been read: before that the channel does not know where it stands. */
  #loaded: Promise<void> | null = null
  #isLoaded = false
  /** Where all listeners want to begin, or undefined where they differ; counts only where nothing is held. */
  #from: From | undefined
  #wasSubscribed = false
  /** It began at `now` though something is stored: what follows does not continue that, which others may go on from. */
  #isApart = false
  /** A gap has reached nobody yet: those there are wait for older messages. A page that ends now must be told again. */
  #isUnheard = false
  /** What waits for that to be stored. */
  #uncommitted: CachedMessage[] = []

  /** @internal */
  constructor(name: string, context: ChannelContext) {
    this.name = name
    this.#context = context
    this.#sequencer = new Sequencer(context.mutants)
    this.status$ = this.#state.readable
    this.gap$ = this.#gaps
    this.messages$ = new Observable((subscriber) => this.subscribe((message) => subscriber.next(message)))
    const actions = {
      clock: context.clock,
      lingerMs: context.lingerMs,
      isUp: () => context.isUp,
      isReady: () => this.#isReady(),
      subscribe: () => context.subscribe(this),
      unsubscribe: () => context.unsubscribe(this),
    }
    this.#wire = new Wire(actions, this.#state)
  }

  /**
   * Calls `handler` for every message, in order and once, until the returned function is called. The first
   * subscription of a channel subscribes on the wire; after the last one's end it is given up, after a linger.
   * @throws HoldfastError `bad_channel`, `bad_cursor`, `bad_message` for params that cannot be sent
   */
  subscribe(handler: MessageHandler<MessageOf<M>>): Unsubscribe
  subscribe<E extends EventName<M>>(event: E, handler: MessageHandler<MessageOf<M, E>>): Unsubscribe
  subscribe<E extends EventName<M> = EventName<M>>(
    options: SubscribeOptions<E>,
    handler: MessageHandler<MessageOf<M, E>>,
  ): Unsubscribe
  subscribe(
    first: MessageHandler<never> | string | SubscribeOptions,
    second?: MessageHandler<never>,
  ): Unsubscribe {
    const handler = (second ?? first) as MessageHandler
    const options = typeof first === 'string' ? { event: first } : second ? (first as SubscribeOptions) : {}
    const each: BatchHandler = (messages) => {
      for (const message of messages) if (!listener.isEnded) guarded(() => handler(message))
    }
    const listener = new Listener(each, options)
    return this.#attach(listener)
  }

  /** As `subscribe`, with one call for all messages that arrived together. */
  subscribeBatches<E extends EventName<M> = EventName<M>>(
    options: SubscribeOptions<E>,
    handler: BatchHandler<MessageOf<M, E>>,
  ): Unsubscribe {
    return this.#attach(new Listener(handler as unknown as BatchHandler, options))
  }

  /** Publishes one message. See `Publish` for how it settles. */
  publish<E extends EventName<M>>(
    event: E,
    data: M[E]['input'],
    options: PublishOptions & Pick<PublishInput, 'id' | 'meta'> = {},
  ): Publish {
    const { id, meta, ...rest } = options
    return this.publishBatch([{ event, data, id, meta }], rest)
  }

  /** Publishes several messages: all or none, consecutive. */
  publishBatch(messages: readonly PublishInputOf<M>[], options: PublishOptions = {}): Publish {
    return this.#context.publish(this.name, messages, options)
  }

  /** What the store holds: cached messages and the last offset. Does not ask the server. */
  async load(): Promise<LoadedChannel<MessageOf<M>>> {
    const cached = await this.#context.peek(this.name)
    const newest = cached?.record.positions[0]
    return {
      messages: (cached?.messages ?? []).map(({ item, offset }) =>
        toMessage(this.name, item, offset, 'cache'),
      ) as unknown as MessageOf<M>[],
      lastOffset: newest?.split('.')[0] ?? null,
    }
  }

  /** A page of the log. Rejects with a HoldfastError: `forbidden`, `not_durable`, `bad_cursor`, `network` … */
  async history(options: HistoryOptions = {}): Promise<HistoryPage<MessageOf<M>>> {
    checkPage(options)
    const page = toPage(this.name, await this.#context.history(this.name, options))
    return page as HistoryPage<MessageOf<M>>
  }

  /** After `denied`: asks the server again. */
  retry(): void {
    this.#context.connect()
    this.#wire.retry()
  }

  /** @internal */
  get isWanted(): boolean {
    return this.#wire.isWanted
  }

  /** @internal What the subscribe command says of this channel. */
  get request(): SubscribeItem {
    const { name } = this
    const resume = this.#sequencer.resume
    const listeners = [...this.#listeners]
    const params = listeners.findLast(({ options }) => options.params)?.options.params
    const item = { channel: name, ...(params && { params }) }
    if (resume.length > 0 || this.#wasSubscribed) return { ...item, resume }
    const [first, ...others] = listeners
    this.#from = others.every((other) => other.begin === first?.begin) ? first?.options.from : undefined
    return { ...item, ...(this.#from !== undefined && { from: startPoint(this.#from) }) }
  }

  /** @internal A session has come, or the one there was has gone. */
  sessionChanged(isUp: boolean): void {
    this.#wire.sessionChanged(isUp)
  }

  /** @internal Another identity's data is opened: whoever listens goes on from elsewhere. */
  leave(): void {
    const isTold = this.#wasSubscribed
    this.reset()
    // Who comes next may be allowed what this one was not.
    this.#wire.retry()
    if (isTold) this.#hand([ownGap('reset', null)], 'live')
  }

  /** @internal Nothing that was held counts. */
  reset(): void {
    this.#restart()
    this.#wasSubscribed = false
  }

  /** Goes back to what is stored. */
  #restart(): void {
    this.#sequencer = new Sequencer(this.#context.mutants)
    this.#isLoaded = false
    this.#loaded = null
    this.#isUnheard = false
    this.#uncommitted = []
  }

  /** @internal The client is closed: whoever waits is told. */
  close(): void {
    for (const listener of this.#listeners) listener.end()
  }

  /** @internal The store has lost what was in it. */
  storageLost(): void {
    if (this.#sequencer.resume.length === 0) return
    this.#hand([ownGap('storage-lost', this.#sequencer.offset)], 'live')
  }

  /** @internal The answer of the subscribe command. */
  subscribed(item: SubscribedItem): void {
    if (item.error) {
      this.failed(HoldfastError.fromWire(item.error))
      return
    }
    if (this.#listeners.size === 0) {
      this.#wire.giveUp()
      return
    }
    const before = this.#sequencer.position
    // The answer begins where these asked to; the others fetch what they want.
    if (!before && !this.#wasSubscribed)
      for (const one of this.#listeners) if (one.begin === JSON.stringify(this.#from)) one.release()
    this.#wasSubscribed = true
    const sequenced = this.#sequencer.subscribed(item.position ?? null, item.gap)
    for (const listener of this.#listeners) listener.goOn(this.#sequencer.position, before)
    this.#take(sequenced, 'replay')
    for (const listener of this.#listeners) listener.join(this.#sequencer.position, before)
    const gap = item.gap ? toGap(this.name, item.gap) : null
    this.#wire.accepted({ status: 'subscribed', recovered: item.recovered ?? true, gap })
    for (const listener of this.#listeners)
      if (listener.isRefused) this.#join(listener).catch(() => undefined)
  }

  /** @internal The unsubscribe command was answered. */
  unsubscribed(): void {
    this.#wire.unsubscribed()
  }

  /** @internal The server ended the subscription, or the subscribe command failed. */
  failed(error: HoldfastError): void {
    this.#wire.refused(error)
  }

  /** @internal A frame of this channel. What arrives before the answer belongs to an older subscription. */
  frame(frame: MessagesFrame | GapFrame): void {
    if (!this.#wire.isOn) return
    if (this.#listeners.size === 0) this.#wire.giveUp()
    else if (frame.type === 'gap') this.#take(this.#sequencer.gap(frame.gap), 'replay')
    else this.#take(this.#sequencer.messages(frame), frame.replay ? 'replay' : 'live')
  }

  #isReady(): boolean {
    if (!this.#isLoaded) this.#loaded ??= this.#restore()
    return this.#isLoaded
  }

  async #restore(): Promise<void> {
    const sequencer = this.#sequencer
    const cached = await this.#context.restore(this.name)
    if (sequencer !== this.#sequencer) return
    this.#isApart = this.#from === 'now' && cached !== null
    if (cached && !this.#isApart) sequencer.restore(cached.record, cached.messages)
    this.#isLoaded = true
    this.#wire.reconcile()
  }

  #attach(listener: Listener): Unsubscribe {
    const { from, params } = listener.options
    if (!isChannelName(this.name)) throw new HoldfastError('bad_channel')
    if (from !== undefined) startPoint(from)
    if (params) checkParams(params)
    if (this.#wire.isUnused) {
      this.#from = from
      if (from === 'now') this.reset()
    }
    if (from !== undefined && from !== 'now') listener.hold()
    if (this.#wire.isOn) listener.join(this.#sequencer.position)
    this.#listeners.add(listener)
    const release = this.#wire.retain()
    this.#context.connect()
    const ready = this.#untilSubscribed(listener).then(() => this.#join(listener))
    ready.catch(() => undefined)
    const unsubscribe = (): void => {
      if (listener.isEnded) return
      listener.end()
      this.#listeners.delete(listener)
      release()
      if (!this.#isUnheard || this.#listeners.size > 0) return
      // The next one is told of the gap: the channel ends where it was stored.
      this.#restart()
      this.#wire.giveUp()
    }
    return Object.assign(unsubscribe, { ready })
  }

  /** Delivers what a listener wants from before the place where it joined. */
  async #join(listener: Listener): Promise<void> {
    const { from } = listener.options
    listener.isRefused = false
    if (!listener.isHolding || from === undefined || from === 'now') return
    try {
      const { joinAt } = listener
      // Before an empty log lies nothing, but an offset may be of one that is gone.
      const isOffset = typeof from === 'string' && from !== 'earliest'
      if (joinAt && (joinAt.seq > 0 || isOffset)) await this.#rewind(listener, from, joinAt)
    } catch (error) {
      // What lies before is not to be had, which must not stay silent.
      const resumeAt = listener.joinAt && formatOffset(listener.joinAt)
      listener.deliverOlder([this.#delivered(ownGap('too-far', resumeAt), 'replay')])
      throw error
    } finally {
      listener.release()
      this.#isUnheard = false
      this.#commit()
    }
  }

  async #rewind(listener: Listener, from: Exclude<From, 'now'>, joinAt: Position): Promise<void> {
    const position = from === 'earliest' || typeof from === 'object' ? null : parseOffset(from)
    const cached = position ? await this.#context.restore(this.name) : null
    const shown = position ? shownUpTo(position, cached?.messages ?? []) : []
    listener.seed(shown.map(({ item }) => item))
    if (position && samePosition(position, joinAt)) return
    const fetchPage = async (options: HistoryOptions): Promise<OkFrame> => {
      for (;;) {
        try {
          return await this.#context.history(this.name, options)
        } catch (error) {
          if (!(error instanceof HoldfastError) || listener.isEnded) throw error
          // Going live without the older stretch would be a silent hole: what may pass is waited for.
          if (error.class !== 'network') {
            if (error.retryWhen === 'never') throw error
            const ms = Math.max(RETRY_MS, error.retryAfterMs ?? 0)
            await new Promise<void>((resolve) => this.#context.clock.after(ms, resolve))
          }
          await this.#untilSubscribed(listener)
        }
      }
    }
    const until = (): Position => listener.joinAt ?? joinAt
    const end = await rewind(from, until, shown, fetchPage, (deliveries) => {
      if (listener.isOvertaken) return
      listener.deliverOlder(deliveries.map((delivery) => this.#delivered(delivery, 'replay')))
    })
    if (end && end.seq < until().seq) listener.dropLost()
  }

  /** Resolves when subscribed; rejects when denied or when the listener has ended. */
  #untilSubscribed(listener: Listener): Promise<void> {
    return new Promise((resolve, reject) => {
      const watching = new Subscription()
      listener.onEnd = () => {
        watching.unsubscribe()
        reject(new HoldfastError('cancelled'))
      }
      if (listener.isEnded) listener.onEnd()
      watching.add(
        this.status$.subscribe((state) => {
          if (state.status === 'subscribed') resolve()
          else if (state.status === 'denied') {
            listener.isRefused = true
            reject(state.error)
          } else return
          listener.onEnd = null
          watching.unsubscribe()
        }),
      )
    })
  }

  #take({ deliveries, resync }: Sequenced, source: MessageSource): void {
    this.#hand(deliveries, source)
    if (resync) this.#wire.resync()
  }

  /** Hands deliveries to the listeners and, in the same step, to the store. */
  #hand(deliveries: readonly Delivery[], source: MessageSource): void {
    const delivered: Delivered[] = []
    for (const delivery of deliveries) {
      delivered.push(this.#delivered(delivery, source))
      if (delivery.type === 'message' && delivery.offset !== null && !delivery.isRepeat) {
        const { item, offset } = delivery
        this.#uncommitted.push({ item, offset })
      }
    }
    const isUnheard = this.#listeners.size > 0 && [...this.#listeners].every(({ isHolding }) => isHolding)
    for (const stretch of splitAtGaps(delivered)) {
      const [first] = stretch
      if (first?.type === 'gap') {
        this.#isUnheard ||= isUnheard
        if (first.news) this.#gaps.next(first.news)
      }
      for (const listener of [...this.#listeners]) listener.deliver(stretch)
    }
    this.#commit()
  }

  #commit(): void {
    if (this.#isUnheard || !this.#sequencer.position) return
    const messages = this.#uncommitted
    this.#uncommitted = []
    if (!this.#isApart) this.#context.commit(this.name, this.#sequencer.record, messages)
  }

  #delivered(delivery: Delivery, source: MessageSource): Delivered {
    const delivered = toDelivered(this.name, delivery, source)
    if (delivered.type === 'error') this.#context.report(delivered.error)
    return delivered
  }
}
