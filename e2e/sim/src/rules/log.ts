import type { HistoryEvent } from '../history.ts'

/** One thing that stands, or stood, at a seq of a channel's log. */
export interface Entry {
  readonly term: string
  readonly seq: number
  /** The message; null for a loss marker. */
  readonly message: { readonly id: string; readonly sender: string | null; readonly body: string } | null
  /** What a loss marker announces. */
  readonly lost: { readonly term: string; readonly from: number | null; readonly to: number | null } | null
  /** The index in the history at which it was written. */
  readonly stored: number
  /** The entry below it when it was written. Together these links are the lineage: what is above may be lost and replaced. */
  readonly below: Entry | null
  /** The last entry of the term before its own, in its lineage. */
  readonly termBelow: Entry | null
  /** The index at which it was lost; infinite while it is not. A wipe loses everything. */
  goneAt: number
  trimmed: boolean
}

export type Report = (rule: string, text: string) => void

export const keyOf = (sender: string | null, id: string): string => JSON.stringify([sender, id])

export const nameOf = (at: { readonly term: string; readonly seq: number } | null): string =>
  at === null ? 'the start' : `(${at.term}, ${at.seq})`

/** The entry at a seq of the lineage that ends with `head`. */
export function entryAt(head: Entry | null, seq: number): Entry | null {
  let entry = head
  while (entry !== null && entry.seq > seq) entry = entry.below
  return entry?.seq === seq ? entry : null
}

/** Whether `entry` belongs to the lineage that ends with `head`. */
export const contains = (head: Entry | null, entry: Entry): boolean => entryAt(head, entry.seq) === entry

/** The last entry of a term in the lineage that ends with `head`; null where the lineage does not know the term. */
export function endOf(head: Entry | null, term: string): Entry | null {
  let entry = head
  while (entry !== null && entry.term !== term) entry = entry.termBelow
  return entry
}

/** The log of one channel, as the history's own words tell it. */
export class ChannelLog {
  readonly name: string
  top: Entry | null = null
  /** How many faults have cost this channel something. */
  losses = 0
  readonly markers: Entry[] = []
  /** Of each term the first seqs that were lost from it, one a loss: where a told loss may begin. */
  readonly #floors = new Map<string, Set<number>>()
  readonly #terms = new Map<string, Map<number, Entry>>()
  readonly #surviving = new Map<string, Entry>()
  readonly #order: Entry[] = []
  readonly #ended: ReadonlyMap<string, number>
  #isFreshTermDue = false
  #lostAt = -1

  /** @param ended the ids of the logs that were wiped, with the index of each wipe, as they come to be */
  constructor(name: string, ended: ReadonlyMap<string, number>) {
    this.name = name
    this.#ended = ended
  }

  /** Whether this is the id of a log that was wiped before this index. */
  hasEnded(id: string, index: number): boolean {
    return (this.#ended.get(id) ?? Number.POSITIVE_INFINITY) < index
  }

  find(at: { readonly term: string; readonly seq: number }): Entry | null {
    return this.#terms.get(at.term)?.get(at.seq) ?? null
  }

  entriesOf(term: string): Iterable<Entry> {
    return this.#terms.get(term)?.values() ?? []
  }

  terms(): Iterable<string> {
    return this.#terms.keys()
  }

  floorsOf(term: string): ReadonlySet<number> {
    return this.#floors.get(term) ?? new Set()
  }

  /** How many terms other than its own were written after `entry`, up to the index `until`. */
  termsAfter(entry: Entry, until: number): number {
    const seen = new Set<string>()
    for (let index = this.#order.length - 1; index >= 0; index--) {
      const other = this.#order[index] as Entry
      if (other.stored <= entry.stored) break
      if (other.stored < until && other.term !== entry.term) seen.add(other.term)
    }
    return seen.size
  }

  store(event: Extract<HistoryEvent, { kind: 'stored' | 'marked' }>, index: number, report: Report): Entry {
    const where = `channel ${event.channel}, ${nameOf(event)}`
    const expected = (this.top?.seq ?? 0) + 1
    if (event.seq !== expected) report('log-dense', `${where}: expected seq ${expected}`)
    if (this.find(event) !== null) report('log-unique', `${where}: written twice`)
    this.#checkTerm(event.term, where, report)
    this.#isFreshTermDue = false
    const message = event.kind === 'stored' ? { id: event.id, sender: event.sender, body: event.body } : null
    const entry: Entry = {
      term: event.term,
      seq: event.seq,
      message,
      lost: event.kind === 'marked' ? event.lost : null,
      stored: index,
      below: this.top,
      termBelow: this.top?.term === event.term ? this.top.termBelow : this.top,
      goneAt: Number.POSITIVE_INFINITY,
      trimmed: false,
    }
    if (message !== null) this.#checkDedupe(entry, where, report)
    if (entry.lost !== null) {
      this.#checkMarker(entry, where, report)
      this.markers.push(entry)
    }
    let ofTerm = this.#terms.get(event.term)
    if (ofTerm === undefined) {
      ofTerm = new Map()
      this.#terms.set(event.term, ofTerm)
    }
    ofTerm.set(event.seq, entry)
    this.#order.push(entry)
    this.top = entry
    return entry
  }

  trim(to: number, report: Report): void {
    if (to > (this.top?.seq ?? 0))
      report('log-history', `channel ${this.name}: trimmed to ${to}, above its top`)
    for (let entry = this.top; entry !== null && !entry.trimmed; entry = entry.below)
      if (entry.seq <= to) entry.trimmed = true
  }

  lose(from: number, to: number, index: number, report: Report): Entry[] {
    const where = `channel ${this.name}: lost ${from} to ${to}`
    if (this.top === null || this.top.seq > to) report('log-history', `${where}, which is not its end`)
    return this.#cut(from, index, false)
  }

  wipe(index: number): Entry[] {
    return this.#cut(0, index, true)
  }

  #cut(from: number, index: number, wiped: boolean): Entry[] {
    const gone: Entry[] = []
    while (this.top !== null && this.top.seq >= from) {
      const entry = this.top
      entry.goneAt = index
      gone.push(entry)
      if (entry.message !== null) this.#surviving.delete(keyOf(entry.message.sender, entry.message.id))
      this.top = entry.below
    }
    const lowest = new Map<string, number>()
    for (const entry of gone) lowest.set(entry.term, entry.seq)
    for (const [term, seq] of lowest) {
      const floors = this.#floors.get(term)
      if (floors === undefined) this.#floors.set(term, new Set([seq]))
      else floors.add(seq)
    }
    if (gone.length > 0) {
      // One fault may name several terms, one after the other.
      if (this.#lostAt !== index - 1) this.losses += 1
      this.#lostAt = index
    }
    if (gone.length > 0 || wiped) this.#isFreshTermDue = true
    return gone
  }

  #checkTerm(term: string, where: string, report: Report): void {
    const current = this.top?.term
    if (term === current) {
      if (this.#isFreshTermDue)
        report('log-term', `${where}: the log lost its end and goes on in the same term`)
      return
    }
    if (this.#terms.has(term)) report('log-term', `${where}: a term of an earlier lineage is used again`)
    const isToken = (text: string): boolean => /^[0-9a-z]{19}$/.test(text)
    if (current !== undefined && isToken(current) && isToken(term) && term.slice(0, 6) <= current.slice(0, 6))
      report('log-term', `${where}: its counter is not above that of ${current}`)
  }

  #checkDedupe(entry: Entry, where: string, report: Report): void {
    const { sender, id } = entry.message as NonNullable<Entry['message']>
    const key = keyOf(sender, id)
    const first = this.#surviving.get(key)
    if (first === undefined) this.#surviving.set(key, entry)
    else report('log-dedupe', `${where}: ${id} of ${sender} is stored at ${nameOf(first)} already`)
  }

  /** A marker names exactly what was lost of its term and is announced by no other marker of the lineage. */
  #checkMarker(marker: Entry, where: string, report: Report): void {
    const { term, from, to } = marker.lost as NonNullable<Entry['lost']>
    const text = `${where}: a loss marker of ${term} ${from} to ${to}`
    if (to === null) {
      report('marker-false', `${text}, without an end`)
      return
    }
    const end = endOf(this.top, term)
    const told = [0, 0]
    for (let entry = this.top; entry !== null; entry = entry.below)
      if (entry.lost?.term === term) {
        told[0] = Math.max(told[0] ?? 0, entry.lost.to ?? 0)
        if (!entry.trimmed) told[1] = Math.max(told[1] ?? 0, entry.lost.to ?? 0)
      }
    const last = this.#terms.get(term)?.get(to)
    if (last === undefined) report('marker-false', `${text}: ${to} was never written in it`)
    else if (last.goneAt === Number.POSITIVE_INFINITY) report('marker-false', `${text}: ${to} is not lost`)
    const retained = told[1] ?? 0
    if (to <= retained) report('marker-false', `${text}: announced already up to ${retained}`)
    // Whether a log remembers the claims of markers that it has trimmed is its own matter.
    const expected = told.map((seq) => Math.max(end?.seq ?? 0, seq) + 1)
    const lowest = Math.min(...[...this.entriesOf(term)].map((entry) => entry.seq))
    const isUnknown = end === null && (from === null || (retained === 0 && from === lowest))
    if (!isUnknown && !expected.includes(from ?? -1))
      report('marker-false', `${text}: expected it from ${end === null ? null : expected[0]}`)
  }
}

/** The logs of all channels. */
export class Logs {
  readonly #channels = new Map<string, ChannelLog>()
  readonly #ended = new Map<string, number>()
  /** The index of the last wipe; −1 while there is none. */
  wipedAt = -1
  wipes = 0

  of(channel: string): ChannelLog {
    let log = this.#channels.get(channel)
    if (log === undefined) {
      log = new ChannelLog(channel, this.#ended)
      this.#channels.set(channel, log)
    }
    return log
  }

  wipe(id: string, index: number): Entry[] {
    this.#ended.set(id, index)
    this.wipedAt = index
    this.wipes += 1
    return [...this.#channels.values()].flatMap((log) => log.wipe(index))
  }
}
