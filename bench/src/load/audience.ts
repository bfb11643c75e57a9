/** Many subscribers that count, and check that each of them gets every message of its channels once and in order. */
import { PAYLOAD } from '../payload.ts'
import type { Dialect, Run } from './dialect.ts'
import { openSession } from './session.ts'

export interface AudienceOptions {
  readonly dialect: Dialect
  readonly port: number
  readonly subscribers: number
  /** The channels of a subscriber. */
  readonly channelsOf: (subscriber: number) => readonly number[]
  /** Called after each frame that held messages. */
  readonly onRun?: (subscriber: number, run: Readonly<Run>) => void
}

/** Sessions that are being opened at a time. */
const CONCURRENCY = 200
const MAX_FAULTS = 10

export class Audience {
  readonly #options: AudienceOptions
  readonly #run: Run = { channel: 0, first: 0, count: 0 }
  /** The offset that each subscriber expects next, by channel. */
  readonly #expected: Map<number, number>[] = []
  /** Messages received, by all subscribers together. */
  delivered = 0
  frames = 0
  /** The first few things that went wrong. */
  readonly faults: string[] = []

  constructor(options: AudienceOptions) {
    this.#options = options
  }

  /** Connects and subscribes all of them. */
  async open(): Promise<void> {
    const { dialect, port, subscribers, channelsOf } = this.#options
    let next = 0
    const openSome = async (): Promise<void> => {
      while (next < subscribers) {
        const subscriber = next++
        const channels = channelsOf(subscriber)
        this.#expected[subscriber] = new Map(channels.map((channel) => [channel, dialect.firstOffset]))
        await openSession({
          dialect,
          port,
          channels,
          // A port of an address serves one connection, and an address has some 28,000.
          host: `127.0.0.${1 + (subscriber % 4)}`,
          onMessages: (bytes, start, length) => this.#count(subscriber, bytes, start, length),
          onFault: (fault) => this.#fail(subscriber, fault),
        })
      }
    }
    await Promise.all(Array.from({ length: CONCURRENCY }, openSome))
  }

  /** Deliveries that are due when `publishedOf` says how many messages each channel got. */
  expectedDeliveries(publishedOf: (channel: number) => number): number {
    let sum = 0
    for (const channels of this.#expected) for (const channel of channels.keys()) sum += publishedOf(channel)
    return sum
  }

  #count(subscriber: number, bytes: Buffer, start: number, length: number): void {
    const run = this.#run
    const isSound = this.#options.dialect.readRun(bytes, start, length, run)
    const expected = this.#expected[subscriber] as Map<number, number>
    if (!isSound || run.first !== expected.get(run.channel)) {
      const frame = bytes.toString('utf8', start, start + Math.min(length, 2 * PAYLOAD.length))
      this.#fail(
        subscriber,
        `expected ${expected.get(run.channel)}, got ${run.first} × ${run.count}: ${frame}`,
      )
    }
    expected.set(run.channel, run.first + run.count)
    this.delivered += run.count
    this.frames++
    this.#options.onRun?.(subscriber, run)
  }

  #fail(subscriber: number, fault: string): void {
    if (this.faults.length < MAX_FAULTS) this.faults.push(`subscriber ${subscriber}: ${fault}`)
  }
}
