/**
 * Orders one channel's frames: drops what was delivered, notices holes, tells gaps once. No surroundings: what goes
 * in are the server's answers and frames, what comes out are deliveries. See PROTOCOL.md, "Receiving".
 */
import {
  formatOffset,
  type Item,
  isLostItem,
  isMessageItem,
  type LostItem,
  type MessageItem,
  type MessagesFrame,
  type Position,
  parseOffset,
  RESUME_TERMS,
  seqsOf,
  termCounter,
  type WireGap,
} from '../protocol/index.ts'
import { Told, type ToldLoss } from './told.ts'

/** Identities kept, at least, to tell a message that is appended again in another term from a new one. */
const RECENT_IDENTITIES = 1_000

export type Delivery =
  /** `isRepeat`: it was delivered already; but a listener that came since may not have it. */
  | {
      readonly type: 'message'
      readonly item: MessageItem
      readonly offset: string | null
      readonly isRepeat?: true
    }
  /** `news`: what of it the application has not heard of already; null where it has heard of all. */
  | { readonly type: 'gap'; readonly gap: WireGap; readonly news: WireGap | null }
  | { readonly type: 'poison'; readonly offset: string }

/** What must be kept to go on later, beside the messages. */
export interface SequencerRecord {
  /** The last token held in each of the last four terms, newest first. */
  readonly positions: readonly string[]
  /** Lost tails that the application was told of. */
  readonly told: readonly ToldLoss[]
}

/** What is to be done after a frame. `resync`: there is a hole; subscribe again from `resume`. */
export interface Sequenced {
  readonly deliveries: readonly Delivery[]
  readonly resync: boolean
}

/** Rules that the simulation leaves out, to see that it notices. */
export type SequencerMutant = 'no-duplicate-filter' | 'no-id-filter' | 'no-resume-at'

const NOTHING: Sequenced = { deliveries: [], resync: false }
const RESYNC: Sequenced = { deliveries: [], resync: true }

export class Sequencer {
  /** Where delivery stands; null on an ephemeral channel and before the first answer. */
  #position: Position | null = null
  /** The highest token held in each of the last terms, newest term first. */
  readonly #tokens = new Map<string, string>()
  readonly #told = new Told()
  /** The offset at which each of the last identities was delivered: the newest thousand, and those before them. */
  #recent = new Map<string, string>()
  #older: ReadonlyMap<string, string> = this.#recent
  readonly #mutants: ReadonlySet<SequencerMutant>

  constructor(mutants: ReadonlySet<SequencerMutant> = new Set()) {
    this.#mutants = mutants
  }

  get position(): Position | null {
    return this.#position
  }

  /** The offset of the position, without a signature. */
  get offset(): string | null {
    return this.#position && formatOffset(this.#position)
  }

  /** What a resume states: the last token of each of the last four terms, newest first. */
  get resume(): readonly string[] {
    return [...this.#tokens.values()]
  }

  /** What must be stored to go on later, beside the messages. */
  get record(): SequencerRecord {
    return { positions: this.resume, told: this.#told.record }
  }

  /** Goes on from what was stored. */
  restore(record: SequencerRecord, messages: readonly { item: MessageItem; offset: string | null }[]): void {
    for (const token of [...record.positions].reverse()) this.#hold(token)
    const newest = record.positions[0]
    this.#position = newest === undefined ? null : parseOffset(newest)
    this.#told.restore(record.told)
    for (const { item, offset } of messages.slice(-RECENT_IDENTITIES)) {
      if (offset !== null) this.#remember(identityOf(item), offset)
    }
  }

  /** Takes the answer to a (re)subscribe: the position that follows from it, and the gap before it. */
  subscribed(position: string | null, gap: WireGap | undefined): Sequenced {
    const deliveries = gap ? this.#tell(gap) : []
    const keepsPosition = gap && this.#position && this.#mutants.has('no-resume-at')
    if (!keepsPosition) this.#adopt(position, gap?.reason === 'lost-tail')
    return { deliveries, resync: false }
  }

  /**
   * Takes a gap that the server told in between. Where the hub knows no place to go on, the older positions that are
   * held here may: they are stated by subscribing again.
   */
  gap(gap: WireGap): Sequenced {
    if (gap.reason === 'reset') return RESYNC
    const deliveries = this.#tell(gap)
    if (!this.#mutants.has('no-resume-at')) this.#adopt(gap.resumeAt, gap.reason === 'lost-tail')
    return { deliveries, resync: false }
  }

  /** Takes a run of items. */
  messages(frame: MessagesFrame): Sequenced {
    const { term, seq: first, items, at } = frame
    if (term === undefined || first === undefined)
      return { deliveries: items.flatMap(ephemeral), resync: false }
    const position = this.#position
    if (!position) return RESYNC
    let held = position.seq
    if (term !== position.term) {
      if (termCounter(term) < termCounter(position.term)) return NOTHING
      if (first !== held + 1) return RESYNC
    }
    if (first > held + 1) return RESYNC

    const deliveries: Delivery[] = []
    let seq = first
    for (const item of items) {
      const last = seq + seqsOf(item) - 1
      seq = last + 1
      if (last <= held && !this.#mutants.has('no-duplicate-filter')) continue
      held = Math.max(held, last)
      this.#deliver(item, formatOffset({ term, seq: last }), deliveries)
    }
    if (held > position.seq || term !== position.term) {
      this.#position = { term, seq: held }
      this.#hold(at && parseOffset(at)?.seq === held ? at : formatOffset(this.#position))
    }
    return { deliveries, resync: false }
  }

  #deliver(item: Item, offset: string, deliveries: Delivery[]): void {
    if (isMessageItem(item)) {
      const identity = identityOf(item)
      const known = this.#recent.get(identity) ?? this.#older.get(identity)
      if (known !== undefined && this.#isRepeated(known, offset)) {
        deliveries.push({ type: 'message', item, offset, isRepeat: true })
        return
      }
      this.#remember(identity, offset)
      deliveries.push({ type: 'message', item, offset })
    } else if (isLostItem(item)) {
      deliveries.push(...this.#tellLoss(item, offset))
    } else if ('poison' in item) {
      deliveries.push({ type: 'poison', offset })
    }
  }

  /**
   * Whether a known identity stands for the same message: appended again in another term, or read again after a
   * reset. Further on in the same term it is a new message, whose id has outlived the idempotency window.
   */
  #isRepeated(known: string, offset: string): boolean {
    const isSameTerm = parseOffset(known)?.term === parseOffset(offset)?.term
    if (!isSameTerm) return !this.#mutants.has('no-id-filter')
    return known >= offset && !this.#mutants.has('no-duplicate-filter')
  }

  /** A marker in the log: told unless the application heard of all of it already. */
  #tellLoss({ lost }: LostItem, resumeAt: string): Delivery[] {
    return this.#tell({ reason: 'lost-tail', ...lost, resumeAt })
  }

  #tell(gap: WireGap): Delivery[] {
    const isLoss = gap.reason === 'lost-tail' && gap.term !== null && gap.to !== null
    const news = isLoss ? this.#told.take(gap.term as string, gap.from, gap.to as number) : gap
    return [{ type: 'gap', gap, news: news && { ...gap, ...news } }]
  }

  /**
   * Sets the position, also backwards. After a lost tail the higher token stays: it is the claim by which the log
   * learns of the loss again, should it lose the marker too.
   */
  #adopt(token: string | null, keepsClaim: boolean): void {
    const position = token === null ? null : parseOffset(token)
    if (token === null || !position) {
      this.#position = null
      return
    }
    this.#position = { term: position.term, seq: position.seq }
    const held = this.#tokens.get(position.term)
    this.#hold(keepsClaim && held !== undefined && held > token ? held : token)
  }

  #hold(token: string): void {
    const term = parseOffset(token)?.term
    if (term === undefined) return
    const older = [...this.#tokens].filter(([other]) => other !== term)
    this.#tokens.clear()
    this.#tokens.set(term, token)
    for (const [other, held] of older.slice(0, RESUME_TERMS - 1)) this.#tokens.set(other, held)
  }

  #remember(identity: string, offset: string): void {
    if (this.#recent.size === RECENT_IDENTITIES) {
      this.#older = this.#recent
      this.#recent = new Map()
    }
    this.#recent.set(identity, offset)
  }
}

/** An id is the publisher's own, so another sender's equal id is another message. Ids hold no spaces. */
function identityOf(item: MessageItem): string {
  return item.sender === undefined ? item.id : `${item.id} ${item.sender}`
}

function ephemeral(item: Item): Delivery[] {
  return isMessageItem(item) ? [{ type: 'message', item, offset: null }] : []
}
