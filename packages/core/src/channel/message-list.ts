/** A bounded list of a channel's latest messages, which fills itself while somebody watches: for bindings. */
import type { Channel, Unsubscribe } from './channel.ts'
import type { From } from './listener.ts'
import type { Gap, Message } from './message.ts'

/** A gap, with its place in the list. */
export interface PlacedGap extends Gap {
  /** The index of the first message after the gap; the list's length where none has come yet. */
  readonly at: number
}

export interface MessageListState {
  /** In the order of delivery, oldest first; at most `limit`. */
  readonly messages: readonly Message[]
  /** In the order of delivery. A gap leaves the list together with the message before it. */
  readonly gaps: readonly PlacedGap[]
}

export interface MessageListOptions {
  /** The most messages that the list holds; the oldest leave first. Default: 100. */
  readonly limit?: number | undefined
  /** What is there already, oldest first: the subscription goes on after the last of them. */
  readonly initialMessages?: readonly Message[] | undefined
  /** Where to begin where neither `initialMessages` nor the cache holds anything. Default: `now`. */
  readonly from?: From | undefined
}

export class MessageList {
  /** What the list holds before anybody watches. */
  readonly initial: MessageListState
  readonly #channel: Pick<Channel, 'load' | 'subscribeBatches'>
  readonly #from: From | undefined
  #limit: number
  #state: MessageListState

  constructor(channel: Pick<Channel, 'load' | 'subscribeBatches'>, options: MessageListOptions = {}) {
    const { limit = 100, initialMessages = [], from } = options
    this.#channel = channel
    this.#from = from
    this.#limit = limit
    this.initial = { messages: initialMessages.slice(-limit), gaps: [] }
    this.#state = this.initial
  }

  /** What the list holds: the same object until it changes. */
  get state(): MessageListState {
    return this.#state
  }

  /** Fills the list until the returned function is called. Called again, it goes on after what the list holds. */
  watch(changed: () => void): () => void {
    let isWatching = true
    let unsubscribe: Unsubscribe | null = null
    const show = (messages: readonly Message[], gaps: readonly Gap[] = []): void => {
      this.#add(messages, gaps)
      changed()
    }
    const subscribe = (from: From | undefined): void => {
      const onGap = (gap: Gap): void => show([], [gap])
      const options = from === undefined ? { onGap } : { onGap, from }
      unsubscribe = this.#channel.subscribeBatches(options, (messages) => show(messages))
    }
    const held = this.#state.messages.at(-1)?.offset
    if (held) subscribe(held)
    else {
      void this.#channel.load().then(({ messages, lastOffset }) => {
        if (!isWatching) return
        if (messages.length > 0) show(messages)
        subscribe(lastOffset ?? this.#from)
      })
    }
    return () => {
      isWatching = false
      unsubscribe?.()
    }
  }

  /** Holds at most this many messages from the next one on. */
  resize(limit: number): void {
    this.#limit = limit
  }

  #add(messages: readonly Message[], gaps: readonly Gap[]): void {
    const all = [...this.#state.messages, ...messages]
    const placed = gaps.map((gap) => ({ ...gap, at: all.length }))
    const dropped = Math.max(0, all.length - this.#limit)
    const kept = [...this.#state.gaps, ...placed].map((gap) => ({ ...gap, at: gap.at - dropped }))
    this.#state = { messages: all.slice(dropped), gaps: kept.filter(({ at }) => at >= 0) }
  }
}
