/** Publishes at a steady rate and measures how long each copy of a message was under way. */
import { setTimeout as sleep } from 'node:timers/promises'
import { percentile } from '../stats.ts'
import type { Publisher } from './publisher.ts'

export interface PaceOptions {
  readonly perSecond: number
  readonly seconds: number
  readonly warmUpSeconds: number
}

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
    this.#total = options.perSecond * (options.seconds + options.warmUpSeconds)
    this.#warmUp = options.perSecond * options.warmUpSeconds
    this.#sentAt = new Float64Array(this.#total)
    this.#received = new Int32Array(subscribers)
    this.#latencies = new Float64Array(options.perSecond * options.seconds * subscribers)
  }

  async run(): Promise<void> {
    const startedAt = performance.now()
    const dueAt = (number: number): number => startedAt + (number * 1_000) / this.#perSecond
    for (let number = 0; number < this.#total; ) {
      const early = dueAt(number) - performance.now()
      if (early > 1) await sleep(early)
      while (number < this.#total && dueAt(number) <= performance.now()) {
        this.#sentAt[number++] = performance.now()
        this.#publisher.publish(1)
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
