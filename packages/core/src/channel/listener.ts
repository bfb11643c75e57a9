/** One subscriber of a channel: what it wants, and what it was given so far. */
import type { HoldfastError } from '../errors.ts'
import {
  isAtOrBefore,
  type MessageItem,
  type Position,
  parseOffset,
  samePosition,
  termCounter,
} from '../protocol/index.ts'
import type { Gap, Message } from './message.ts'
import { Told } from './told.ts'

/**
 * Where a subscription begins. An offset is a message's `offset`: everything after it. `now` counts from where the channel
 * stands: while it still receives what it missed, that comes too.
 */
export type From = 'now' | 'earliest' | { readonly last: number } | { readonly since: number } | string

export interface SubscribeOptions<E extends string = string> {
  /**
   * Where to begin. Left out: after what this client holds of the channel (in its store, or because it is subscribed
   * already), or `now` where it holds nothing.
   */
  readonly from?: From
  /** Only messages of this event. */
  readonly event?: E
  /**
   * What the server's `authorize` is given as `clientParams`, with each subscribe of the channel; of several listeners'
   * the latest. A plain object, as JSON.
   */
  readonly params?: Readonly<Record<string, unknown>> | undefined
  /** Called for missing messages, before the first message after them. */
  readonly onGap?: (gap: Gap) => void
  /** Called for a stored entry that could not be read and was skipped. */
  readonly onError?: (error: HoldfastError) => void
}

export type MessageHandler<M extends Message = Message> = (message: M) => void
/** Gets what arrived together, in order. */
export type BatchHandler<M extends Message = Message> = (messages: readonly M[]) => void

/** What a channel hands to its listeners, in order. */
export type Delivered =
  /** `isRepeat`: the channel had it before, perhaps before the listener came. */
  | { readonly type: 'message'; readonly message: Message; readonly isRepeat: boolean }
  /** `news`: what of it the channel had not been told before. `term`: whose messages are missing, where one term's are. */
  | { readonly type: 'gap'; readonly gap: Gap; readonly news: Gap | null }
  | { readonly type: 'error'; readonly error: HoldfastError }

/** Messages that a listener remembers, to know one that is stored again. */
const RECENT = 1_000

export class Listener {
  readonly options: SubscribeOptions
  readonly #handler: BatchHandler
  /** Where the channel stood when it joined: older things are fetched for it up to here. */
  #joinAt: Position | null = null
  /** What arrived while an older stretch is fetched for this listener; null when it is live. */
  #held: Delivered[] | null = null
  /** What stands at or before this is not for this listener; null once that is behind. */
  #after: Position | null = null
  /** Messages of this term are lost, and their gap is not told yet. */
  #lostTerm: string | null = null
  /** Whether it began at a place of its own: then what the channel had before says nothing of what it was given. */
  readonly #isOwn: boolean
  readonly #told = new Told()
  /** Where it was brought by what it was given; null before that. */
  #last: Position | null = null
  readonly #shown = new Set<string>()
  /** It began at the earliest and has been given nothing: a log that begins anew then is no news for it. */
  #isFresh: boolean
  #isEnded = false
  /** The server refused the channel while it waited for it. */
  isRefused = false
  /** Called when it ends, by whoever waits for something on its behalf. */
  onEnd: (() => void) | null = null

  constructor(handler: BatchHandler, options: SubscribeOptions) {
    this.#handler = handler
    this.options = options
    this.#isFresh = options.from === 'earliest'
    this.#isOwn = options.from !== undefined && options.from !== 'now'
    if (typeof options.from === 'string') this.#after = this.#last = parseOffset(options.from)
  }

  get joinAt(): Position | null {
    return this.#joinAt
  }

  /**
   * The channel stands here; the first such place counts. Gaps that lead up to it are told by the older stretch, unless
   * this listener began where the channel stood `before` them.
   */
  join(position: Position | null, before: Position | null = null): void {
    if (this.#joinAt) return
    const isLevel = before !== null && this.#after !== null && samePosition(before, this.#after)
    const told = this.#held?.find((item) => item.type === 'gap')
    const isRetention = told?.gap.reason === 'retention' && told.gap.from === (before?.seq ?? 0) + 1
    this.#joinAt = isLevel && isRetention ? before : position
    const leadsThere = (item: Delivered): boolean => item.type === 'gap' && item.gap.reason !== 'lost-tail'
    if (this.#held && this.#joinAt === position) this.#held = this.#held.filter((item) => !leadsThere(item))
  }

  /**
   * The channel was at `before`, and will go on at `position`. Where the log has forgotten the term of `before`, it has
   * forgotten the newer ones with it: what it goes on with only looks older than an offset in them.
   */
  goOn(position: Position | null, before: Position | null): void {
    if (!this.#after || !position || !before || position.term === before.term) return
    const counter = termCounter(before.term)
    if (termCounter(position.term) > counter || termCounter(this.#after.term) < counter) return
    const isBehind = (item: Delivered): boolean =>
      item.type === 'message' && this.#isBehind(parseOffset(item.message.offset ?? ''))
    this.#held = this.#held?.filter((item) => !isBehind(item)) ?? null
    this.#after = null
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

  /** Where it begins, to be compared; undefined where nothing was said of that. */
  get begin(): string | undefined {
    return JSON.stringify(this.options.from)
  }

  get isHolding(): boolean {
    return this.#held !== null
  }

  /** Keeps what arrives until `release`, while an older stretch is on its way. */
  hold(): void {
    this.#held ??= []
  }

  /**
   * The log lost what this one has not been given, up to where it joined: what follows in that term is lost too, be it
   * held or still to come, until the gap that tells it.
   */
  dropLost(): void {
    this.#lostTerm = this.#joinAt?.term ?? null
  }

  /** The log began anew meanwhile, and everything of it follows: an older stretch of it would come twice. */
  get isOvertaken(): boolean {
    const begins = (item: Delivered): boolean =>
      item.type === 'gap' && (item.gap.reason === 'reset' || item.gap.reason === 'deleted')
    return this.#held?.some(begins) ?? false
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
    if (!this.#held) {
      this.#hand(delivered)
      return
    }
    for (const item of delivered) {
      if (item.type === 'gap') this.#goBack(item)
      this.#held.push(item)
    }
  }

  /** The log lost what the channel had where this one joined, or began anew: what is held of it would have a hole before it. */
  #goBack({ gap }: Extract<Delivered, { type: 'gap' }>): void {
    const position = gap.resumeAt === null ? null : parseOffset(gap.resumeAt)
    if (gap.reason === 'reset' || gap.reason === 'deleted') this.#held = []
    else if (gap.reason !== 'lost-tail' || !this.#joinAt || position?.term !== gap.term) return
    else if (position.seq < this.#joinAt.seq) {
      const lost = this.#joinAt.term
      this.#joinAt = position
      this.#held = this.#held?.filter((item) => !isOf(lost, item)) ?? null
    }
  }

  #hand(delivered: readonly Delivered[]): void {
    let batch: Message[] = []
    const flush = (): void => {
      const messages = batch
      batch = []
      if (messages.length > 0 && !this.#isEnded) guarded(() => this.#handler(messages))
    }
    for (const item of delivered) {
      if (this.#lostTerm !== null && isOf(this.#lostTerm, item)) continue
      if (item.type === 'message') {
        if (this.#wants(item.message, item.isRepeat)) batch.push(item.message)
        continue
      }
      flush()
      if (this.#isEnded) return
      if (item.type === 'gap') {
        this.#lostTerm = null
        this.#tell(item)
      } else guarded(() => this.options.onError?.(item.error))
    }
    flush()
  }

  /** Takes note of what whoever holds its offset was shown. */
  seed(items: readonly MessageItem[]): void {
    for (const { id, sender = null } of items) this.#note(id, sender)
  }

  #wants(message: Message, isRepeat: boolean): boolean {
    const { id, sender, event, offset } = message
    if (isRepeat && (!this.#isOwn || this.#shown.has(identity(id, sender)))) return false
    if (this.#after && offset !== null) {
      if (this.#isBehind(parseOffset(offset))) return false
      this.#after = null
    }
    if (this.#isOwn) this.#note(id, sender)
    this.#last = offset === null ? null : parseOffset(offset)
    this.#isFresh = false
    return this.options.event === undefined || event === this.options.event
  }

  #note(id: string, sender: string | null): void {
    this.#shown.add(identity(id, sender))
    const [oldest] = this.#shown
    if (this.#shown.size > RECENT && oldest !== undefined) this.#shown.delete(oldest)
  }

  #tell({ gap, news }: Extract<Delivered, { type: 'gap' }>): void {
    const told = this.#isOwn ? this.#newsOf(gap) : news
    if (!told) return
    this.#isFresh = false
    guarded(() => this.options.onGap?.(told))
  }

  /** What of a gap this listener was not told: an older stretch and the live one may both tell of a loss. */
  #newsOf(gap: Gap): Gap | null {
    const { term } = gap
    if (!this.#isNews(gap)) return null
    if (gap.reason !== 'lost-tail' || term === null || gap.to === null) return gap
    const news = this.#told.take(term, gap.from, gap.to)
    return news && { ...gap, ...news }
  }

  /** Whether a gap concerns who has everything up to `#after`. */
  #isNews({ reason, term, resumeAt }: Gap): boolean {
    if (this.#isFresh && (reason === 'reset' || reason === 'deleted')) return false
    const position = resumeAt === null ? null : parseOffset(resumeAt)
    const isOwnLoss = reason === 'lost-tail' && position !== null && position.term === term
    // Of a tail that this listener had not reached, the markers tell in their places; what it has passed is no news.
    if (isOwnLoss) {
      const hasPassed = this.#after !== null && termCounter(term) < termCounter(this.#after.term)
      return !hasPassed && this.#last !== null && this.#last.seq > position.seq
    }
    if (!this.#after) return true
    if (reason === 'lost-tail' || reason === 'retention') return !this.#isBehind(position)
    this.#after = null
    return true
  }

  /** Whether it stands at or before `#after`: older terms are behind it altogether. */
  #isBehind(position: Position | null): boolean {
    const after = this.#after
    return after !== null && position !== null && isAtOrBefore(position, after)
  }
}

/** Whether it was stored in this term: a message, or the marker of another term's loss. */
function isOf(term: string, item: Delivered): boolean {
  if (item.type === 'error') return false
  const isMarker = item.type === 'gap' && item.gap.reason === 'lost-tail' && item.gap.term !== term
  const offset = item.type === 'message' ? item.message.offset : isMarker ? item.gap.resumeAt : null
  return offset !== null && parseOffset(offset)?.term === term
}

function identity(id: string, sender: string | null): string {
  return `${id} ${sender}`
}

/** A handler that throws is the application's error: it surfaces as uncaught, and nobody else suffers. */
export function guarded(call: () => void): void {
  try {
    call()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
