/** Publishes at a steady rate and measures how long each copy of a message was under way. */
import { setTimeout as sleep } from 'node:timers/promises'
import { percentile } from '../stats.ts'
import type { Publisher } from './publisher.ts'

export interface PaceOptions {
  readonly perSecond: number
  readonly seconds: number
  /** Messages before those that count, sent fast: a server that has run for some minutes has compiled its code. */
  readonly warmUp: number
}

/** The rate of the warm-up. */
const WARM_UP_PER_SECOND = 1_000
/** What the warm-up left under way arrives before the first message that counts. */
const PAUSE_MS = 1_000

export interface Latencies {
  readonly count: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

export class Pace {
  readonly #publisher: Publisher
  readonly #perSecond: number
  readonly #warmUpMs: number
  readonly #total: number
  readonly #warmUp: number
  readonly #sentAt: Float64Array
  /** How many messages each subscriber has. They come in order, so the next one's number is this. */
  readonly #received: Int32Array
  readonly #latencies: Float64Array
  #count = 0

  constructor(publisher: Publisher, options: PaceOptions, subscribers: number) {
    this.#publisher = publisher
    this.#perSecond = options.perSecond
    this.#total = options.perSecond * options.seconds + options.warmUp
    this.#warmUp = options.warmUp
    this.#warmUpMs = (options.warmUp * 1_000) / WARM_UP_PER_SECOND + PAUSE_MS
    this.#sentAt = new Float64Array(this.#total)
    this.#received = new Int32Array(subscribers)
    this.#latencies = new Float64Array(options.perSecond * options.seconds * subscribers)
  }

  async run(): Promise<void> {
    const startedAt = performance.now()
    const dueAt = (number: number): number =>
      number < this.#warmUp
        ? startedAt + (number * 1_000) / WARM_UP_PER_SECOND
        : startedAt + this.#warmUpMs + ((number - this.#warmUp) * 1_000) / this.#perSecond
    for (let number = 0; number < this.#total; ) {
      const early = dueAt(number) - performance.now()
      if (early > 1) await sleep(early)
      while (number < this.#total && dueAt(number) <= performance.now()) {
        // A protocol whose frames differ takes time to make them; what is measured begins where they are sent.
        const frame = this.#publisher.make(1)
        this.#sentAt[number++] = performance.now()
        this.#publisher.send(frame)
      }
    }
  }

  received(subscriber: number, count: number): void {
    const now = performance.now()
    const first = this.#received[subscriber] as number
    this.#received[subscriber] = first + count
    for (let number = Math.max(first, this.#warmUp); number < first + count; number++) {
      this.#latencies[this.#count++] = now - (this.#sentAt[number] as number)
    }
  }

  latencies(): Latencies {
    const sorted = this.#latencies.subarray(0, this.#count).toSorted()
    const at = (fraction: number): number => percentile(sorted, fraction)
    return { count: this.#count, p50: at(0.5), p99: at(0.99), p999: at(0.999) }
  }
}
