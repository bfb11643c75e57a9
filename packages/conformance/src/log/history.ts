/**
 * Random histories of one channel, and what must hold in each: no acknowledged message is missing silently while
 * anybody who knew of it lives, none is delivered twice, no (term, seq) names two entries, a clean history has no
 * gap, and the log holds what a plain array would. The parties are as simple as the contract allows: two publishers
 * with an outbox, three readers with their last positions, one node with its memory.
 */

import type { Random } from '@holdfast/core/ports'
import type { Item, Position } from '@holdfast/core/protocol'
import type { LogGap } from '@holdfast/server-kit'
import type { LogKit } from './kit.ts'

const CHANNEL = 'history'
const STEPS = 60
const POSITIONS = 4

export interface HistoryFaults {
  /** Tails are lost: the store goes back to an earlier state. */
  readonly rollbacks: boolean
  /** Retention keeps only a few entries. */
  readonly trims: boolean
}

export interface HistoryReport {
  /** What was violated, as text; empty where all held. */
  readonly violations: readonly string[]
  /** What the parties saw, without the terms' random parts: equal for engines that behave alike. */
  readonly transcript: readonly string[]
  /** How often each kind of thing happened. */
  readonly counts: Readonly<Record<string, number>>
}

type Known = Map<string, number>

interface Ack extends Position {
  readonly id: string
}

interface Publisher {
  outbox: Ack[]
  known: Known
}

interface Reader {
  positions: Position[]
  readonly known: Known
  readonly ids: Set<string>
  readonly gaps: Pick<LogGap, 'reason' | 'term' | 'from' | 'to'>[]
}

export async function runLogHistory(
  kit: LogKit,
  random: Random,
  faults: HistoryFaults,
): Promise<HistoryReport> {
  const history = new LogHistory(kit, random, faults)
  await history.run()
  return history.report()
}

class LogHistory {
  readonly #kit: LogKit
  readonly #random: Random
  readonly #faults: HistoryFaults
  readonly #retention: { maxEntries: number; maxAgeMs: number }
  readonly #publishers: Publisher[] = [1, 2].map(() => ({ outbox: [], known: new Map() }))
  readonly #readers: Reader[] = [1, 2, 3].map(() => ({
    positions: [],
    known: new Map(),
    ids: new Set(),
    gaps: [],
  }))
  readonly #node: Known = new Map()
  readonly #acks: Ack[] = []
  /** Every marker there ever was, by seq. */
  readonly #markers: (LogGap & { readonly seq: number })[] = []
  /** What a plain array holds after the same appends and losses. */
  #shadow: string[] = []
  #marked: number | null = null
  readonly #used = new Map<string, string>()
  readonly #violations: string[] = []
  readonly #transcript: string[] = []
  readonly #counts: Record<string, number> = {}
  #published = 0

  constructor(kit: LogKit, random: Random, faults: HistoryFaults) {
    this.#kit = kit
    this.#random = random
    this.#faults = faults
    this.#retention = { maxEntries: faults.trims ? 4 + this.#below(12) : 1_000_000, maxAgeMs: 1e12 }
    for (const reader of this.#readers) reader.positions = [{ term: kit.log.id, seq: 0 }]
  }

  async run(): Promise<void> {
    this.#listen()
    for (let step = 0; step < STEPS; step++) await this.#step(this.#random.fraction())
    for (let round = 0; round < 3; round++) {
      for (const publisher of this.#publishers) await this.#offerAgain(publisher)
      for (const reader of this.#readers) await this.#sync(reader)
    }
    await this.#compareWithShadow()
  }

  report(): HistoryReport {
    for (const [index, reader] of this.#readers.entries()) this.#judge(index, reader)
    return { violations: this.#violations, transcript: this.#transcript, counts: this.#counts }
  }

  async #step(choice: number): Promise<void> {
    const publisher = this.#publishers[this.#below(2)] as Publisher
    if (choice < 0.5) await this.#publish(publisher, `h${this.#published++}`, publisher.outbox)
    else if (choice < 0.72) await this.#sync(this.#readers[this.#below(3)] as Reader)
    else if (choice < 0.76) await this.#restart()
    else if (choice < 0.81) await this.#mark()
    else if (choice < 0.86) await this.#rollback()
    else if (choice < 0.89) this.#node.clear()
    else if (choice < 0.92) {
      publisher.outbox = []
      publisher.known.clear()
    } else await this.#offerAgain(publisher)
  }

  async #publish(publisher: Publisher, id: string, outbox: Ack[]): Promise<void> {
    const claims = claimsOf(publisher.known, this.#node)
    const result = await this.#kit.append(CHANNEL, [id], { claims, retention: this.#retention })
    this.#count(result.outcome)
    if (result.outcome === 'refused') {
      this.#violations.push(`append of ${id} refused: ${result.code}`)
      return
    }
    const ack: Ack = { id, ...result.last }
    this.#acks.push(ack)
    outbox.push(ack)
    this.#note(publisher.known, ack)
    this.#note(this.#node, ack)
    this.#transcript.push(`${result.outcome} ${id} ${this.#short(ack)}`)
  }

  /** After a change of terms a publisher offers again what lies above the end of its term. */
  async #offerAgain(publisher: Publisher): Promise<void> {
    const rows = publisher.outbox
    publisher.outbox = []
    for (const row of rows) {
      const { gaps } = await this.#kit.read(CHANNEL, { positions: [row] }, { limit: 1 })
      const isLost = gaps.some(({ reason }) => reason === 'lost-tail' || reason === 'reset')
      if (isLost) this.#count('offered again')
      if (isLost) await this.#publish(publisher, row.id, publisher.outbox)
      else publisher.outbox.push(row)
    }
  }

  async #sync(reader: Reader): Promise<void> {
    const claims = claimsOf(reader.known, this.#node)
    const read = await this.#kit.read(CHANNEL, { positions: reader.positions }, { claims })
    for (const gap of read.gaps) {
      this.#count(gap.reason)
      reader.gaps.push(gap)
      this.#transcript.push(`gap ${gap.reason} ${gap.from}-${gap.to}`)
    }
    for (const run of read.runs) {
      for (const [at, body] of run.bodies.entries()) {
        const position = { term: run.term, seq: run.seq + at }
        this.#take(reader, JSON.parse(body) as Item, position)
        this.#note(reader.known, position)
        this.#note(this.#node, position)
      }
    }
    const others = reader.positions.filter(({ term }) => term !== read.end.term)
    reader.positions = [read.end, ...others].slice(0, POSITIONS)
  }

  #take(reader: Reader, item: Item, position: Position): void {
    if ('lost' in item) {
      this.#count('marker seen')
      reader.gaps.push({ reason: 'lost-tail', ...item.lost })
    } else if ('id' in item && !reader.ids.has(item.id)) {
      reader.ids.add(item.id)
      this.#transcript.push(`${item.id} at ${this.#short(position)}`)
    }
  }

  async #restart(): Promise<void> {
    this.#count('restart')
    await this.#kit.harness.restart()
    this.#listen()
  }

  async #mark(): Promise<void> {
    if (!this.#faults.rollbacks) return
    await this.#kit.harness.mark()
    this.#marked = this.#shadow.length
  }

  async #rollback(): Promise<void> {
    if (this.#marked === null) return
    this.#count(this.#shadow.length > this.#marked ? 'lost tail' : 'rollback without loss')
    await this.#kit.harness.rollback()
    this.#listen()
    this.#shadow = this.#shadow.slice(0, this.#marked)
    this.#marked = null
  }

  /** The doorbell tells the array, and every marker; nothing loses it here. */
  #listen(): void {
    this.#kit.log.subscribe(({ first, bodies }) => {
      for (const [at, body] of bodies.entries()) {
        const position = { term: first.term, seq: first.seq + at }
        const place = `${position.term} ${position.seq}`
        if (this.#used.has(place)) this.#violations.push(`${this.#short(position)} is used twice`)
        this.#used.set(place, body)
        if (position.seq !== this.#shadow.length + 1) this.#violations.push(`a hole at ${position.seq}`)
        this.#shadow.push(body)
        const item = JSON.parse(body) as Item
        if ('lost' in item) {
          this.#markers.push({ reason: 'lost-tail', ...item.lost, seq: position.seq, resumeAt: position })
        }
      }
    })
  }

  async #compareWithShadow(): Promise<void> {
    const { start, runs } = await this.#kit.read(CHANNEL, { from: 'earliest' })
    const held = JSON.stringify(runs.flatMap(({ bodies }) => bodies))
    if (held !== JSON.stringify(this.#shadow.slice(start.seq)))
      this.#violations.push('the log is not what was appended')
    const retained = this.#shadow.length - start.seq
    if (retained > this.#retention.maxEntries + this.#markers.length)
      this.#violations.push('retention is not kept')
  }

  #judge(index: number, reader: Reader): void {
    if (!this.#faults.rollbacks && !this.#faults.trims && reader.gaps.length > 0) {
      this.#violations.push(`reader ${index} was told ${reader.gaps[0]?.reason} in a clean history`)
    }
    for (const { id } of this.#acks) {
      if (reader.ids.has(id)) continue
      const places = this.#acks.filter((ack) => ack.id === id)
      const isTold = places.some((ack) => this.#isTold(reader, ack))
      if (!isTold && places.some((ack) => this.#isKnown(ack)))
        this.#violations.push(`reader ${index} missed ${id} silently`)
    }
  }

  #isTold(reader: Reader, ack: Ack): boolean {
    return reader.gaps.some((gap) => {
      if (gap.reason === 'reset') return true
      if (gap.reason === 'lost-tail') return covers(gap, ack)
      // A marker that was trimmed is told by the retention gap over it.
      return (
        within(gap, ack.seq) || this.#markers.some((marker) => covers(marker, ack) && within(gap, marker.seq))
      )
    })
  }

  #isKnown({ term, seq }: Position): boolean {
    const parties = [
      this.#node,
      ...this.#publishers.map(({ known }) => known),
      ...this.#readers.map(({ known }) => known),
    ]
    return parties.some((known) => (known.get(term) ?? 0) >= seq)
  }

  #note(known: Known, { term, seq }: Position): void {
    if ((known.get(term) ?? 0) < seq) known.set(term, seq)
  }

  #short({ term, seq }: Position): string {
    return `${term.slice(0, 6)}/${seq}`
  }

  #count(kind: string): void {
    this.#counts[kind] = (this.#counts[kind] ?? 0) + 1
  }

  #below(limit: number): number {
    return Math.floor(this.#random.fraction() * limit)
  }
}

function claimsOf(...known: readonly Known[]): Position[] {
  return known.flatMap((map) => [...map].map(([term, seq]) => ({ term, seq })))
}

function within(gap: Pick<LogGap, 'from' | 'to'>, seq: number): boolean {
  return seq >= (gap.from ?? 0) && seq <= (gap.to ?? Number.POSITIVE_INFINITY)
}

function covers(gap: Pick<LogGap, 'term' | 'from' | 'to'>, { term, seq }: Position): boolean {
  return gap.term === term && within(gap, seq)
}
