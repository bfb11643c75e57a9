import type { HistoryEvent, Stored } from '../history.ts'
import { type Given, isAt, Knowledge, type Position } from './knowledge.ts'
import { type ChannelLog, contains, type Entry, endOf, keyOf } from './log.ts'

type Subscribed = Extract<HistoryEvent, { kind: 'subscribed' }>

/** A message that a reader was given and that the log then lost: somebody has to tell it. */
export interface Loss {
  readonly entry: Entry
  /** It came with a signed offset, by which the log can learn of it where it has forgotten the whole term. */
  readonly isClaimable: boolean
}

/** A message is remembered as long as 1,000 others have not come after it. */
const REMEMBERED = 1_000

/** What one subscription of an application has been given and told so far. */
export class Reader {
  readonly name: string
  readonly tab: string
  readonly log: ChannelLog
  readonly after: Position | null
  /** How many of the log's wipes it has been told of, or were before its time. */
  wipesTold: number
  /** Why nothing may come any more; null while it reads. */
  ended: string | null = null
  /** The position; null is "from the earliest retained", wherever that was. */
  place: Position | null
  /** It began with the earliest, and the log that answered this knows the place until it is wiped. */
  #holdsStart: boolean
  /** It was there when this log was empty, and so holds the place before its first entry. */
  #holdsEmpty: boolean
  /** Counts the resets: after one the log is read anew, and what was given before it may come again. */
  epoch = 0
  resetAt = -1
  readonly losses: Loss[] = []
  /** What the application had handled when it subscribed. */
  readonly #handled: ReadonlyMap<string, Given>
  readonly #known: Knowledge
  readonly #announced: ReadonlySet<Entry>
  readonly #given = new Map<Entry, number>()
  #count = 0

  /**
   * @param earlier those of its tab before it, the latest first
   * @param previous of these the one that it continues, or that was at its offset
   */
  constructor(
    event: Subscribed,
    log: ChannelLog,
    earlier: readonly Reader[],
    previous: Reader | null,
    wipes: number,
  ) {
    const { reader, tab, after } = event
    this.name = reader
    this.tab = tab
    this.log = log
    this.after = after
    this.place = after
    this.#announced = after === null ? new Set() : announcedBefore(log, after)
    // From the earliest it asks for everything, whatever others had.
    const others = after === null ? [] : earlier
    this.#holdsStart = after === null || others.some(({ holdsStart }) => holdsStart)
    this.#holdsEmpty = others.some(({ holdsEmpty }) => holdsEmpty)
    this.wipesTold = previous?.wipesTold ?? wipes
    // Without a resume an explicit offset asks for everything after it, also for what was stored again.
    const isResumed = event.resumes !== null && previous !== null && after !== null
    const { stored } = event
    if (stored?.isLoaded) this.#handled = given(log, stored)
    else this.#handled = isResumed ? previous.#handledUpTo(after) : new Map()
    const inTab = others.map((other) => other.#known.own)
    // A store keeps what any reader of the tab was told. Where another one lives on beside this one, what that one is
    // told from here on is not told to this one.
    const heard = stored?.isLoaded ? inTab : isResumed ? previous.#known.toHear : []
    this.#known = new Knowledge(stored ? [inStore(log, stored), ...inTab] : inTab, heard, this.#handled)
    this.#count = this.#handled.size
    if (after !== null) this.#known.note(after)
  }

  /** What the application had handled when it kept this position: all of it where the position is none of a message's. */
  #handledUpTo(after: Position): Map<string, Given> {
    const { trail } = this.#known
    const last = trail.findLastIndex((step) => isAt(step.position, after))
    const isUntouched = last < 0 && isAt(after, this.after)
    const steps = isUntouched ? [] : last < 0 ? trail : trail.slice(0, last + 1)
    const epoch = steps.at(-1)?.epoch ?? 0
    const keys = new Map<string, Given>()
    const handle = (key: string, entry: Entry, at: number): void => {
      keys.delete(key)
      keys.set(key, { entry, count: keys.size, epoch: at })
    }
    for (const [key, given] of this.#handled) handle(key, given.entry, epoch === 0 ? given.epoch : -1)
    for (const step of steps)
      if (step.key !== null && step.entry !== null)
        handle(step.key, step.entry, step.epoch === epoch ? 0 : -1)
    return keys
  }

  /** The message that makes this delivery a second one; null where it is none. */
  secondOf(entry: Entry): Entry | null {
    if (entry.message === null) return null
    const first = this.#known.keys.get(keyOf(entry.message.sender, entry.message.id))
    if (first === undefined || this.#count - first.count > REMEMBERED) return null
    if (first.entry === entry && first.epoch < this.epoch) return null
    return first.entry
  }

  get holdsEmpty(): boolean {
    return this.#holdsEmpty
  }

  get holdsStart(): boolean {
    return this.#holdsStart
  }

  /** The log is another one now: it knows no place of the old one, not even that before its first entry. */
  wiped(): void {
    this.#holdsStart = false
    this.#holdsEmpty = false
  }

  /** Whether it was given this since the last reset. */
  wasGivenNow(entry: Entry): boolean {
    return this.#given.get(entry) === this.epoch
  }

  /** Whether it has been at this position. */
  knows(position: Position): boolean {
    return isAt(position, this.after) || this.#known.trail.some((step) => isAt(position, step.position))
  }

  /** Whether it may pass over an entry: it has had it, or the same message in another term, or been told of the loss. */
  mayPass(entry: Entry): boolean {
    if (this.#given.has(entry) || this.told.has(entry) || this.#wasHandled(entry)) return true
    if (entry.lost !== null) return this.untoldOf(entry).length === 0
    if (entry.message === null) return false
    return this.#known.knewElsewhere(entry, keyOf(entry.message.sender, entry.message.id))
  }

  /** Whether it lies before the offset that the application began with. */
  #wasHandled(entry: Entry): boolean {
    const start = this.after === null ? null : this.log.find(this.after)
    return start !== null && entry.message !== null && contains(start, entry)
  }

  /** What it was told to be gone, with the number of times. */
  get told(): Map<Entry, number> {
    return this.#known.told
  }

  wasTold(entry: Entry): boolean {
    return this.#known.wasTold(entry) || this.#announced.has(entry)
  }

  /** The highest seq of a term that it was told to be lost. */
  toldTo(term: string): number {
    const told = [...this.log.entriesOf(term)].filter((entry) => this.wasTold(entry))
    return Math.max(0, ...told.map((entry) => entry.seq))
  }

  /**
   * What a loss marker announces and this reader has not been told. A reset has told the rest of a loss that it knew of.
   */
  untoldOf(marker: Entry): Entry[] {
    const told = this.toldTo(marker.lost?.term ?? '')
    return lostBy(this.log, marker).filter(
      (entry) => !this.wasTold(entry) && (entry.seq > told || entry.goneAt > this.resetAt),
    )
  }

  give(entry: Entry): void {
    const { sender, id } = entry.message as NonNullable<Entry['message']>
    const key = keyOf(sender, id)
    const { keys, trail } = this.#known
    keys.delete(key)
    keys.set(key, { entry, count: this.#count, epoch: this.epoch })
    this.#count += 1
    this.#given.set(entry, this.epoch)
    if (entry.seq === 1) this.#holdsEmpty = true
    trail.push({ position: entry, key, entry, epoch: this.epoch })
    this.#known.note(entry)
    this.place = entry
  }

  moveTo(position: Position | null): void {
    this.place = position
    if (position === null) return
    this.#known.trail.push({ position, key: null, entry: null, epoch: this.epoch })
    this.#known.note(position)
  }

  reset(index: number): void {
    this.epoch += 1
    this.resetAt = index
    this.losses.length = 0
    this.#known.reset()
  }

  /** It goes on above `base` to behind `head`: markers and messages that it passes over move its position too. */
  pass(base: Entry | null, head: Entry | null): void {
    const passed: Entry[] = []
    for (
      let entry = head;
      entry !== null && entry.seq > (base?.seq ?? 0) && !entry.trimmed;
      entry = entry.below
    )
      passed.push(entry)
    for (const entry of passed.reverse()) this.#known.note(entry)
  }

  /** Whether so many newer terms came that it does not state this one any more, and cannot claim what it had in it. */
  hasOutlived(term: string): boolean {
    return this.#known.hasOutlived(term)
  }

  /** The highest seq of a term that it was given, by its own doing or by that of the readers that it continues. */
  reachesIn(term: string): number[] {
    return this.#known.reachesIn(term)
  }

  /** Its last positions in each term, the newest first. */
  get places(): Position[] {
    return this.#known.places
  }

  /** Its last positions in the terms in which it was given messages itself: these it states whenever it resumes. */
  statedPositions(): Position[] {
    const terms = new Set([...this.#given.keys()].map((entry) => entry.term))
    return this.#known.ownPlaces.filter(({ term }) => terms.has(term))
  }
}

/** What the client knows by its store, also of what came while nobody read. */
function inStore(log: ChannelLog, stored: Stored): Knowledge {
  const known = new Knowledge([], [], given(log, stored))
  for (const position of [...stored.positions].reverse()) known.note(position)
  return known
}

/** What a store holds counts as given. */
function given(log: ChannelLog, { messages }: Stored): Map<string, Given> {
  const keys = new Map<string, Given>()
  for (const { id, sender, ...position } of messages) {
    const entry = log.find(position)
    if (entry === null) continue
    const key = keyOf(sender, id)
    keys.delete(key)
    keys.set(key, { entry, count: keys.size, epoch: 0 })
  }
  return keys
}

/**
 * What markers before an offset announced. Whoever begins after an offset has handled everything up to it, the markers
 * among it: where the log loses such a marker and writes it again, it is no news.
 */
function announcedBefore(log: ChannelLog, after: Position): ReadonlySet<Entry> {
  const start = log.find(after)
  const before = start === null ? [] : log.markers.filter((marker) => contains(start, marker))
  return new Set(before.flatMap((marker) => lostBy(log, marker)))
}

/** What a marker announces, of what was lost before it was written. */
export function lostBy(log: ChannelLog, marker: Entry): Entry[] {
  const { term, from, to } = marker.lost as NonNullable<Entry['lost']>
  return [...log.entriesOf(term)].filter(
    (entry) => entry.seq >= (from ?? 0) && entry.seq <= (to ?? 0) && entry.goneAt < marker.stored,
  )
}

/** Where a reader's history joins a lineage. */
export interface Joint {
  /** The last entry of the lineage that the reader has passed; null for the place before the first. */
  readonly base: Entry | null
  /** From the earliest: what was trimmed need not be told. */
  readonly isOpen: boolean
  /** No term that the reader has ever been in is part of the lineage. */
  readonly isUnknown: boolean
}

/**
 * By the read rule: the newest position whose term the lineage knows decides.
 * @param written the index at which what follows `head` was written
 */
export function joint(
  reader: Reader,
  head: Entry | null,
  written: number = head?.stored ?? Number.POSITIVE_INFINITY,
): Joint {
  if (reader.place === null) return { base: null, isOpen: true, isUnknown: false }
  for (const position of [reader.place, ...reader.places]) {
    // The place before the first entry of a log that was wiped is none of the log that came after it.
    if (position.seq === 0 && reader.log.hasEnded(position.term, written)) continue
    if (position.seq === 0) return { base: null, isOpen: false, isUnknown: false }
    const entry = reader.log.find(position)
    if (entry !== null && contains(head, entry)) return { base: entry, isOpen: false, isUnknown: false }
    const end = endOf(head, position.term)
    if (end !== null) return { base: end, isOpen: false, isUnknown: false }
  }
  return { base: null, isOpen: reader.holdsStart, isUnknown: !reader.holdsStart && !reader.holdsEmpty }
}

/** What the reader was not given and not told, above `base` and up to `head`; the lowest first. */
export function missing(reader: Reader, { base, isOpen }: Joint, head: Entry | null): Entry[] {
  const found: Entry[] = []
  for (let entry = head; entry !== null && entry.seq > (base?.seq ?? 0); entry = entry.below) {
    if (isOpen && entry.trimmed) break
    if (!reader.mayPass(entry)) found.push(entry)
  }
  return found.reverse()
}
