/** A bounded list of a channel's latest messages, which fills itself while somebody watches: for bindings. */
import type { Subscription } from 'rxjs'
import type { Channel, Unsubscribe } from '../channel/channel.ts'
import type { From } from '../channel/listener.ts'
import type { Gap, Message } from '../channel/message.ts'
import { HoldfastError } from '../errors.ts'
import type { OutboxItem } from '../outbox/entry.ts'
import type { Readable } from '../readable.ts'
import { type ListedMessage, LocalMessages } from './local-messages.ts'

/** A gap, and the place of the first message after it. */
export interface PlacedGap extends Gap {
  /** Index in `messages`; that of the first local one, or the list's length, while no message of the log has followed. */
  readonly at: number
}

export interface MessageListState<M extends Message = Message> {
  /** Oldest first; what this client has published and the log has not sent back stands last. */
  readonly messages: readonly ListedMessage<M>[]
  readonly gaps: readonly PlacedGap[]
  /** Whether neither the store nor the server has said yet what there is. */
  readonly isLoading: boolean
  /** Why the list cannot be filled, where that follows from the name or the options; null otherwise. */
  readonly error: HoldfastError | null
}

export interface MessageListOptions<E extends string = string> {
  /** Most messages from the log; the oldest leave first. Default: 100. */
  readonly limit?: number | undefined
  /** Only messages of this event. */
  readonly event?: E | undefined
  /** What is there already, oldest first: the subscription goes on after the last of them. */
  readonly initialMessages?: readonly Message[] | undefined
  /** Where to begin where neither `initialMessages` nor the cache holds anything. Default: `now`. */
  readonly from?: From | undefined
  /** Whether what this client publishes is shown before the server has it. Default: true. */
  readonly optimistic?: boolean | undefined
  /** What the server's `authorize` is given with the subscription. */
  readonly params?: Readonly<Record<string, unknown>> | undefined
}

/** What a list needs of a client. */
export interface ListClient {
  readonly identity$: Readable<{ readonly id: string } | null>
  readonly outbox$: Readable<readonly OutboxItem[]>
  channel(name: string): Pick<Channel, 'load' | 'subscribeBatches'>
}

/** The list of no channel. */
export const EMPTY_LIST: MessageListState<never> = { messages: [], gaps: [], isLoading: false, error: null }

export class MessageList {
  /** What the list holds before anybody watches. */
  readonly initial: MessageListState
  readonly #client: ListClient
  readonly #name: string
  readonly #options: MessageListOptions
  readonly #locals: LocalMessages
  #limit: number
  #state: MessageListState
  /** What came from the log. */
  #messages: readonly Message[]
  #identity: string | null = null
  readonly #watchers = new Set<() => void>()
  #watching: Subscription | null = null
  #unsubscribe: Unsubscribe | null = null
  /** Rises whenever the list begins anew: what an older beginning still waits for is let pass. */
  #era = 0

  constructor(client: ListClient, name: string, options: MessageListOptions = {}) {
    const { limit = 100, initialMessages = [], event } = options
    this.#client = client
    this.#name = name
    this.#options = options
    this.#limit = limit
    this.#messages = initialMessages.slice(-limit)
    this.#locals = new LocalMessages({
      channel: name,
      event,
      sender: () => client.identity$.value?.id ?? null,
      hasOwn: ({ id, sender }) =>
        sender !== null && this.#messages.some((message) => message.id === id && message.sender === sender),
      changed: () => this.#show({}),
    })
    this.initial = { ...EMPTY_LIST, messages: this.#messages, isLoading: this.#messages.length === 0 }
    this.#state = this.initial
  }

  /** What the list holds: the same object until it changes. */
  get state(): MessageListState {
    return this.#state
  }

  /**
   * Fills the list until the returned function is called, and calls `changed` after each change. Watched again, it goes on
   * after what it holds; watched by several, it is filled until the last of them ends.
   */
  watch(changed: () => void): () => void {
    const watcher = (): void => changed()
    this.#watchers.add(watcher)
    if (this.#watchers.size === 1) this.#start()
    return () => {
      if (this.#watchers.delete(watcher) && this.#watchers.size === 0) this.#stop()
    }
  }

  /** Holds at most this many messages from the log, from the next one on. */
  resize(limit: number): void {
    this.#limit = limit
  }

  #start(): void {
    const { identity$, outbox$ } = this.#client
    this.#watching = identity$.subscribe((now) => this.#identified(now?.id ?? null))
    if (this.#options.optimistic !== false)
      this.#watching.add(outbox$.subscribe((items) => this.#update(() => this.#locals.take(items))))
    if (this.#state.error) this.#show({ error: null, isLoading: this.#messages.length === 0 })
    this.#begin(this.#messages.at(-1)?.offset ?? undefined)
  }

  #stop(): void {
    this.#watching?.unsubscribe()
    this.#watching = null
    this.#end()
  }

  /** What one identity was shown is not for the next. */
  #identified(id: string | null): void {
    const isAnother = this.#identity !== null && this.#identity !== id
    this.#identity = id
    if (!isAnother) {
      this.#update(() => this.#locals.identified())
      return
    }
    this.#end()
    this.#locals.clear()
    this.#messages = []
    this.#show({ ...EMPTY_LIST, isLoading: true })
    this.#begin(undefined)
  }

  #begin(held: string | undefined): void {
    const era = ++this.#era
    if (held !== undefined) {
      this.#subscribe(held)
      return
    }
    const load = async (): Promise<void> => {
      const { messages, lastOffset } = await this.#client.channel(this.#name).load()
      if (era !== this.#era) return
      const { event } = this.#options
      const shown = event === undefined ? messages : messages.filter((message) => message.event === event)
      if (shown.length > 0) this.#arrived(shown)
      this.#subscribe(lastOffset ?? this.#options.from)
    }
    load().catch((error: unknown) => {
      if (era === this.#era) this.#failed(error)
    })
  }

  #subscribe(from: From | undefined): void {
    const { event, params } = this.#options
    const era = this.#era
    const onGap = (gap: Gap): void => this.#gap(gap)
    const options = { onGap, ...(from !== undefined && { from }), ...(event !== undefined && { event }) }
    try {
      this.#unsubscribe = this.#client
        .channel(this.#name)
        .subscribeBatches({ ...options, params }, (messages) => this.#arrived(messages))
    } catch (error) {
      this.#failed(error)
      return
    }
    const ready = (): void => {
      if (era === this.#era && this.#state.isLoading) this.#show({ isLoading: false })
    }
    this.#unsubscribe.ready.then(ready, ready)
  }

  #end(): void {
    this.#era++
    this.#unsubscribe?.()
    this.#unsubscribe = null
  }

  /** Lets the local messages change, and shows them if they did. */
  #update(change: () => void): void {
    const before = this.#locals.messages
    change()
    const now = this.#locals.messages
    if (now.length !== before.length || now.some((message, at) => message !== before[at])) this.#show({})
  }

  #arrived(messages: readonly Message[]): void {
    this.#messages = [...this.#messages, ...messages]
    this.#locals.reached(messages.at(-1)?.offset ?? null, messages)
    this.#trim([])
  }

  #gap(gap: Gap): void {
    this.#locals.reached(gap.resumeAt)
    this.#trim([{ ...gap, at: this.#messages.length }])
  }

  #trim(newGaps: readonly PlacedGap[]): void {
    const dropped = Math.max(0, this.#messages.length - this.#limit)
    const gaps = [...this.#state.gaps, ...newGaps].map((gap) => ({ ...gap, at: gap.at - dropped }))
    this.#messages = this.#messages.slice(dropped)
    this.#show({ gaps: gaps.filter(({ at }) => at >= 0), isLoading: false })
  }

  #failed(cause: unknown): void {
    const error = cause instanceof HoldfastError ? cause : new HoldfastError('internal', { cause })
    this.#show({ error, isLoading: false })
  }

  #show(change: Partial<MessageListState>): void {
    this.#state = { ...this.#state, ...change, messages: [...this.#messages, ...this.#locals.messages] }
    for (const watcher of [...this.#watchers]) watcher()
  }
}
