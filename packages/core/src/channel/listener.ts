/** One subscriber of a channel: what it wants, and what it was given so far. */
import type { HoldfastError } from '../errors.ts'
import { type Position, parseOffset } from '../protocol/index.ts'
import type { Gap, Message } from './message.ts'

/** Where a subscription begins. An offset is a message's `offset`: everything after it. */
export type From = 'now' | 'earliest' | { readonly last: number } | { readonly since: number } | string

export interface SubscribeOptions {
  /**
   * Where to begin. Left out: after what this client holds of the channel (in its store, or because it is subscribed
   * already), or `now` where it holds nothing.
   */
  readonly from?: From
  /** Only messages of this event. */
  readonly event?: string
  /** Called for missing messages, before the first message after them. */
  readonly onGap?: (gap: Gap) => void
  /** Called for a stored entry that could not be read and was skipped. */
  readonly onError?: (error: HoldfastError) => void
}

export type MessageHandler = (message: Message) => void
/** Gets what arrived together, in order. */
export type BatchHandler = (messages: readonly Message[]) => void

/** What a channel hands to its listeners, in order. */
export type Delivered =
  | { readonly type: 'message'; readonly message: Message }
  | { readonly type: 'gap'; readonly gap: Gap }
  | { readonly type: 'error'; readonly error: HoldfastError }

export class Listener {
  readonly options: SubscribeOptions
  readonly #handler: BatchHandler
  /** Where the channel stood when it joined: older things are fetched for it up to here. */
  joinAt: Position | null = null
  /** What arrived while an older stretch is fetched for this listener; null when it is live. */
  #held: Delivered[] | null = null
  /** Messages at or below this seq, in this term, are not for this listener. */
  #after: Position | null = null
  #isEnded = false
  /** Called when it ends, by whoever waits for something on its behalf. */
  onEnd: (() => void) | null = null

  constructor(handler: BatchHandler, options: SubscribeOptions) {
    this.#handler = handler
    this.options = options
    if (typeof options.from === 'string') this.#after = parseOffset(options.from)
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  end(): void {
    this.#isEnded = true
    this.#held = null
    this.onEnd?.()
    this.onEnd = null
  }

  /** Keeps what arrives until `release`, while an older stretch is on its way. */
  hold(): void {
    this.#held ??= []
  }

  /** Hands over what was held, and is live from here on. */
  release(): void {
    const held = this.#held
    this.#held = null
    if (held) this.deliver(held)
  }

  /** Hands over an older stretch while newer things are held. */
  deliverOlder(delivered: readonly Delivered[]): void {
    this.#hand(delivered)
  }

  deliver(delivered: readonly Delivered[]): void {
    if (this.#held) this.#held.push(...delivered)
    else this.#hand(delivered)
  }

  #hand(delivered: readonly Delivered[]): void {
    let batch: Message[] = []
    const flush = (): void => {
      const messages = batch
      batch = []
      if (messages.length > 0 && !this.#isEnded) guarded(() => this.#handler(messages))
    }
    for (const item of delivered) {
      if (item.type === 'message') {
        if (this.#wants(item.message)) batch.push(item.message)
        continue
      }
      flush()
      if (this.#isEnded) return
      if (item.type === 'gap') guarded(() => this.options.onGap?.(item.gap))
      else guarded(() => this.options.onError?.(item.error))
    }
    flush()
  }

  #wants(message: Message): boolean {
    if (this.options.event !== undefined && message.event !== this.options.event) return false
    if (!this.#after || message.offset === null) return true
    const position = parseOffset(message.offset)
    if (position && position.term === this.#after.term && position.seq <= this.#after.seq) return false
    this.#after = null
    return true
  }
}

/** A handler that throws is the application's error: it surfaces as uncaught, and nobody else suffers. */
function guarded(call: () => void): void {
  try {
    call()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
