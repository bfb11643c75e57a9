import { ModelLog, type Position, type Row } from './checker.model-log.test-kit.ts'
import type { History, HistoryEvent } from './history.ts'

/**
 * A tiny model of the design's log and readers that writes correct histories: what the checker has to accept. It shares
 * nothing with the checker, nor with the packages.
 */

export interface Chance {
  /** A whole number from 0 up to and without `end`. */
  below(end: number): number
}

export function chance(seed: number): Chance {
  let state = seed | 0
  return {
    below(end) {
      state = (state + 0x6d2b79f5) | 0
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
      return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * end)
    },
  }
}

export const bodyOf = (sender: string | null, id: string): string => `body of ${id} by ${sender}`

interface ModelReader {
  readonly name: string
  readonly tab: string
  /** The position; null before the log has answered one that began with the earliest. */
  place: Position | null
  /** The last position that came with a message or a gap: what the application keeps. */
  kept: Position | null
  reach: Map<string, number>
  ids: Map<string, string>
  /** What it was given: what its store holds. */
  held: { readonly id: string; readonly sender: string | null; readonly term: string; readonly seq: number }[]
  /** The lost seqs that it was told, by term. */
  told: Map<string, Set<number>>
  isStale: boolean
  isLive: boolean
}

const CHANNEL = 'room'

export class Model {
  readonly events: HistoryEvent[] = []
  readonly #log = new ModelLog()
  readonly #readers: ModelReader[] = []
  readonly #chance: Chance
  /** What was stored once and may be offered again after its loss. */
  readonly #offered = new Map<string, { id: string; sender: string | null }>()
  readonly #waiting: { id: string; sender: string | null; at: Position }[] = []
  readonly #firsts = new Map<string, number>()
  #count = 0
  #at = 0

  constructor(chance: Chance) {
    this.#chance = chance
  }

  #tell(event: HistoryEvent): void {
    this.#at += 1 + this.#chance.below(5)
    this.events.push({ ...event, at: this.#at })
  }

  #any<T>(list: readonly T[]): T | undefined {
    return list[this.#chance.below(list.length)]
  }

  #row(row: Row): void {
    const { term, seq, id, sender, lost } = row
    if (!this.#firsts.has(term)) this.#firsts.set(term, seq)
    if (lost !== null) this.#tell({ kind: 'marked', at: 0, channel: CHANNEL, term, seq, lost })
    else if (id !== null)
      this.#tell({
        kind: 'stored',
        at: 0,
        channel: CHANNEL,
        term,
        seq,
        id,
        sender,
        body: bodyOf(sender, id),
      })
  }

  publish(): void {
    this.#count += 1
    const sender = this.#any(['ann', 'bob', null]) ?? null
    const id = `m${this.#count}`
    const page = sender === null ? {} : { page: `${sender}'s page` }
    this.#tell({ kind: 'publish', at: 0, channel: CHANNEL, id, sender, body: bodyOf(sender, id), ...page })
    const fate = this.#chance.below(20)
    if (fate === 0) {
      this.#tell({
        kind: 'settled',
        at: 0,
        channel: CHANNEL,
        id,
        sender,
        outcome: 'rejected',
        code: 'forbidden',
      })
      return
    }
    this.#store(id, sender)
    const at = this.#log.positionAt(this.#log.top)
    if (fate === 1) this.#tell({ kind: 'settled', at: 0, channel: CHANNEL, id, sender, outcome: 'unknown' })
    else if (fate < 8) this.#waiting.push({ id, sender, at })
    else this.#ack(id, sender, at)
  }

  #store(id: string, sender: string | null): void {
    this.#row(this.#log.put({ id, sender, lost: null }))
    this.#offered.set(JSON.stringify([sender, id]), { id, sender })
  }

  #ack(id: string, sender: string | null, { term, seq }: Position): void {
    this.#tell({ kind: 'settled', at: 0, channel: CHANNEL, id, sender, outcome: 'acked', term, seq })
  }

  ackOne(): void {
    const next = this.#waiting.shift()
    if (next !== undefined) this.#ack(next.id, next.sender, next.at)
  }

  offerAgain(): void {
    const lost = [...this.#offered.values()].filter(
      ({ id, sender }) => !this.#log.rows.some((row) => row.id === id && row.sender === sender),
    )
    const next = this.#any(lost.filter(({ id }) => this.#isLost.has(id)))
    if (next === undefined) return
    this.#isLost.delete(next.id)
    this.#store(next.id, next.sender)
  }

  readonly #isLost = new Set<string>()

  restart(): void {
    this.#log.restart()
    for (const reader of this.#readers) reader.isStale = true
  }

  fail(): void {
    const count = Math.min(this.#log.rows.length, 1 + this.#chance.below(6))
    const gone = this.#log.lose(count)
    const runs = new Map<string, Row[]>()
    for (const row of gone) {
      const run = runs.get(row.term)
      if (run === undefined) runs.set(row.term, [row])
      else run.push(row)
      if (row.id !== null) this.#isLost.add(row.id)
    }
    for (const [term, run] of [...runs].reverse())
      this.#tell({
        kind: 'lost',
        at: 0,
        channel: CHANNEL,
        term,
        from: run[0]?.seq ?? 0,
        to: run.at(-1)?.seq ?? 0,
      })
    this.restart()
  }

  trim(): void {
    const count = Math.min(this.#log.rows.length, 1 + this.#chance.below(5))
    this.#log.trim(count)
    if (count > 0) this.#tell({ kind: 'trimmed', at: 0, channel: CHANNEL, to: this.#log.base.seq })
  }

  wipe(): void {
    for (const row of this.#log.rows) if (row.id !== null) this.#isLost.add(row.id)
    const log = this.#log.id
    this.#log.wipe()
    this.#tell({ kind: 'wiped', at: 0, log })
    this.restart()
  }

  subscribe(): void {
    this.#count += 1
    const name = `r${this.#count}`
    const tab = `tab of ${name}`
    this.#tell({ kind: 'subscribed', at: 0, reader: name, tab, channel: CHANNEL, after: null, resumes: null })
    this.#readers.push(newReader(name, tab, null))
  }

  /** One more reader in the tab of another, after what that one was shown last. */
  join(): void {
    const other = this.#any(this.#readers.filter((each) => each.isLive))
    if (!other?.kept) return
    this.#count += 1
    const name = `r${this.#count}`
    const { tab, kept } = other
    this.#tell({ kind: 'subscribed', at: 0, reader: name, tab, channel: CHANNEL, after: kept, resumes: null })
    this.#readers.push(newReader(name, tab, kept))
  }

  reload(): void {
    const reader = this.#any(this.#readers.filter((each) => each.isLive))
    if (reader === undefined) return
    reader.isLive = false
    this.#count += 1
    const name = `r${this.#count}`
    const { tab, kept, held } = reader
    const positions = [...reader.reach].reverse().map(([term, seq]) => ({ term, seq }))
    const stored = { isLoaded: true, positions, messages: [...held] }
    const resumes = { resumes: reader.name, ...(this.#chance.below(2) === 0 && { stored }) }
    this.#tell({ kind: 'subscribed', at: 0, reader: name, tab, channel: CHANNEL, after: kept, ...resumes })
    const next = newReader(name, tab, kept)
    if (kept !== null) {
      next.reach = new Map(reader.reach)
      next.ids = new Map(reader.ids)
      next.held = [...held]
      next.told = new Map([...reader.told].map(([term, seqs]) => [term, new Set(seqs)]))
    }
    this.#readers.push(next)
  }

  leave(): void {
    const reader = this.#any(this.#readers.filter((each) => each.isLive))
    if (reader === undefined) return
    reader.isLive = false
    this.#tell({ kind: 'left', at: 0, reader: reader.name })
  }

  read(): void {
    const reader = this.#any(this.#readers.filter((each) => each.isLive))
    if (reader !== undefined) this.#read(reader, 1 + this.#chance.below(8))
  }

  #gap(
    reader: ModelReader,
    reason: string,
    from: number | null,
    to: number | null,
    resumeAt: Position,
  ): void {
    this.#tell({ kind: 'gap', at: 0, reader: reader.name, channel: CHANNEL, reason, from, to, resumeAt })
    reader.kept = resumeAt
  }

  #hear(reader: ModelReader, term: string, from: number, to: number): void {
    const told = reader.told.get(term) ?? new Set()
    for (let seq = from; seq <= to; seq++) told.add(seq)
    reader.told.set(term, told)
  }

  #note(reader: ModelReader, { term, seq }: Position): void {
    const reached = Math.max(reader.reach.get(term) ?? 0, seq)
    reader.reach.delete(term)
    reader.reach.set(term, reached)
  }

  #read(reader: ModelReader, limit: number): void {
    const log = this.#log
    if (reader.isStale || reader.place === null) this.#resume(reader)
    for (let count = 0; count < limit; count++) {
      const place = reader.place as Position
      if (place.seq < log.base.seq) {
        this.#gap(reader, 'retention', place.seq + 1, log.base.seq, log.base)
        reader.place = log.base
        this.#note(reader, log.base)
        continue
      }
      const row = log.rows[place.seq - log.base.seq]
      if (row === undefined) return
      this.#take(reader, row)
    }
  }

  /** By the read rule: claims first, then the position, then the gap if there is one. */
  #resume(reader: ModelReader): void {
    const log = this.#log
    const stated = [...reader.reach].reverse().slice(0, 4)
    for (const marker of log.claim(stated)) this.#row(marker)
    reader.isStale = false
    if (reader.place === null) {
      reader.place = log.base
      return
    }
    const own: [string, number] = [reader.place.term, reader.place.seq]
    const pairs = [own, ...stated.filter(([term]) => term !== own[0])]
    for (const [term, seq] of pairs) {
      const end = log.endOf(term)
      if (end === null) continue
      if (seq > end) {
        this.#gap(reader, 'lost-tail', end + 1, seq, { term, seq: end })
        this.#hear(reader, term, end + 1, seq)
      }
      reader.place = { term, seq: Math.min(seq, end) }
      return
    }
    this.#gap(reader, 'reset', null, null, log.base)
    reader.place = log.base
    reader.told.clear()
  }

  #take(reader: ModelReader, row: Row): void {
    const { term, seq, id, sender, lost } = row
    if (lost?.to != null) {
      const told = reader.told.get(lost.term) ?? new Set()
      const first = lost.from ?? this.#firsts.get(lost.term) ?? 1
      const seqs = Array.from({ length: lost.to - first + 1 }, (_, index) => first + index)
      const highest = Math.max(0, ...told)
      const isPart =
        lost.from !== null && highest >= first && seqs.every((each) => each > highest || told.has(each))
      if (seqs.some((each) => !told.has(each))) {
        this.#gap(reader, 'lost-tail', isPart ? highest + 1 : lost.from, lost.to, { term, seq })
        this.#hear(reader, lost.term, first, lost.to)
      }
    } else if (id !== null) {
      const key = JSON.stringify([sender, id])
      const seen = reader.ids.get(key)
      if (seen === undefined || seen === term) {
        reader.ids.set(key, term)
        const body = bodyOf(sender, id)
        const source = this.#chance.below(2) === 0 ? 'live' : 'replay'
        const { name } = reader
        this.#tell({
          kind: 'delivered',
          at: 0,
          reader: name,
          channel: CHANNEL,
          id,
          sender,
          body,
          term,
          seq,
          source,
        })
        reader.kept = { term, seq }
        reader.held.push({ id, sender, term, seq })
      }
    }
    reader.place = { term, seq }
    this.#note(reader, row)
  }

  /** The quiet tail: everything that can come, comes. */
  end(): void {
    while (this.#waiting.length > 0) this.ackOne()
    for (let round = 0; round < 3; round++)
      for (const reader of this.#readers) if (reader.isLive) this.#read(reader, Number.POSITIVE_INFINITY)
    this.#tell({ kind: 'end', at: 0 })
  }
}

function newReader(name: string, tab: string, place: Position | null): ModelReader {
  return {
    name,
    tab,
    place,
    kept: place,
    reach: place === null ? new Map() : new Map([[place.term, place.seq]]),
    ids: new Map(),
    held: [],
    told: new Map(),
    isStale: true,
    isLive: true,
  }
}

export interface Shape {
  readonly steps: number
  /** How often at most the log loses its end, or everything. */
  readonly losses: number
  readonly trims: boolean
}

export const STORMY: Shape = { steps: 60, losses: Number.POSITIVE_INFINITY, trims: true }
/** One loss only, and no retention: each gap has one cause. */
export const ONE_LOSS: Shape = { steps: 60, losses: 1, trims: false }
export const TRIMMED: Shape = { steps: 60, losses: 0, trims: true }
/** Clean restarts are all that happens. */
export const CLEAN: Shape = { steps: 60, losses: 0, trims: false }

/** A correct history. */
export function correctHistory(seed: number, { steps, losses, trims }: Shape = STORMY): History {
  const random = chance(seed)
  const model = new Model(random)
  let left = losses
  model.subscribe()
  for (let step = 0; step < steps; step++) {
    const roll = random.below(100)
    if (roll < 40) model.publish()
    else if (roll < 70) model.read()
    else if (roll < 74) model.ackOne()
    else if (roll < 78) model.restart()
    else if (roll < 81) model.reload()
    else if (roll < 83) model.subscribe()
    else if (roll < 84) model.leave()
    else if (roll < 90 && left > 0) {
      model.fail()
      left -= 1
    } else if (roll < 93 && trims) model.trim()
    else if (roll < 98 && losses > 0) model.offerAgain()
    else if (roll === 98 && left > 1 && random.below(3) === 0) model.wipe()
    else if (roll === 99) model.join()
  }
  model.end()
  return model.events
}
