/**
 * Follows the log of one channel. A doorbell that continues the position is taken as it is; whatever else happens (a
 * hole, another term, a deletion, a lost doorbell found by the probe) is settled by reading on from the position.
 */
import { type Position, samePosition } from '@holdfast/core/protocol'
import type { Channel } from './channel.ts'
import type { HubContext } from './context.ts'
import { Known } from './known.ts'
import type { Doorbell } from './log/log.ts'
import { untold } from './log/read-rule.ts'

const PROBE_MS = 5_000
const PROBE_JITTER_MS = 4_000
const RETRY_MS = 1_000
/** Doorbells held while a read is under way. */
const MAX_BELLS = 1_000
const PAGE_ENTRIES = 1_000
const PAGE_LENGTH = 262_144

export class Follower {
  /** Everything up to here was handed to the channel; null until the first look at the log. */
  position: Position | null = null
  /** What this hub has seen of the channel's last terms, to be claimed. */
  readonly known: Known = new Known()
  readonly #context: HubContext
  readonly #channel: Channel
  #syncing: Promise<void> | null = null
  #bells: Doorbell[] = []
  #isOverflown = false
  #isStopped = false
  #probeAt: number

  constructor(context: HubContext, channel: Channel) {
    this.#context = context
    this.#channel = channel
    this.#probeAt = this.#nextProbe()
  }

  stop(): void {
    this.#isStopped = true
  }

  /** Resolves when the position is known. */
  async start(): Promise<Position> {
    if (!this.position) await this.sync()
    return this.position as Position
  }

  ring(bell: Doorbell): void {
    if (this.#syncing) {
      if (this.#bells.length < MAX_BELLS) this.#bells.push(bell)
      else this.#isOverflown = true
    } else if (!this.#take(bell)) {
      this.#syncInBackground()
    }
  }

  /** Reads on from the position; concurrent calls share one read. */
  sync(): Promise<void> {
    this.#syncing ??= this.#sync()
    return this.#syncing
  }

  /** Compares the position with the log's top, and reads on where they differ. */
  async check(): Promise<void> {
    const top = await this.#context.log.head(this.#channel.setup.key)
    if (!this.#isStopped && (!this.position || !samePosition(top, this.position))) await this.sync()
  }

  probe(pulse: number): void {
    if (pulse < this.#probeAt || this.#context.config.mutants.has('no-probe')) return
    this.#probeAt = this.#nextProbe()
    this.check().catch((error: unknown) => this.#failed(error))
  }

  #nextProbe(): number {
    const { pulse, config } = this.#context
    return pulse.after(PROBE_MS + config.random.fraction() * PROBE_JITTER_MS)
  }

  #syncInBackground(): void {
    this.sync().catch((error: unknown) => this.#failed(error))
  }

  #failed(error: unknown): void {
    this.#probeAt = this.#context.pulse.after(RETRY_MS)
    this.#context.events.fail('follow', error)
  }

  async #sync(): Promise<void> {
    try {
      if (this.position) await this.#readOn(this.position)
      else {
        const top = await this.#context.log.head(this.#channel.setup.key)
        this.#channel.flushed = top
        this.#advance(top)
      }
      // What rang meanwhile was covered by the read, or continues it, or shows that there is more to read.
      while ((this.#bells.length > 0 || this.#isOverflown) && !this.#isStopped) {
        const bells = this.#bells
        const missed = this.#isOverflown
        this.#bells = []
        this.#isOverflown = false
        const taken = bells.every((bell) => this.#take(bell))
        if (missed || !taken) await this.#readOn(this.position as unknown as Position)
      }
    } finally {
      this.#bells = []
      this.#isOverflown = false
      this.#syncing = null
    }
  }

  /** Takes a doorbell that continues the position, or is covered by it; else says false. */
  #take({ after, first, bodies }: Doorbell): boolean {
    const { position } = this
    if (!position || bodies.length === 0) return false
    const last = first.seq + bodies.length - 1
    if (first.term === position.term && last <= position.seq) return true
    const continues =
      samePosition(after, position) ||
      (this.#context.config.mutants.has('no-hole-check') && first.seq > position.seq)
    if (!continues) return false
    this.#advance({ term: first.term, seq: last })
    this.#channel.add({ term: first.term, seq: first.seq, bodies })
    return true
  }

  async #readOn(from: Position): Promise<void> {
    const { log } = this.#context
    for (let position = from; ; ) {
      const result = await log.read(this.#channel.setup.key, {
        at: { positions: this.known.positionsFrom(position) },
        claims: this.known.claims,
        limit: PAGE_ENTRIES,
        maxLength: PAGE_LENGTH,
      })
      if (this.#isStopped) return
      for (const gap of result.gaps) this.#channel.gap(gap)
      // The newest terms are gone altogether: the log goes on from an older one, and tells of the loss further on.
      if (result.gaps.length === 0 && !samePosition(result.start, position))
        this.#channel.gap(untold('reset', result.start))
      for (const run of result.runs) {
        this.#advance({ term: run.term, seq: run.seq + run.bodies.length - 1 })
        this.#channel.add(run)
      }
      this.#advance(result.end)
      if (samePosition(result.end, result.top)) return
      position = result.end
    }
  }

  #advance(position: Position): void {
    this.position = position
    this.known.note(position)
  }
}
