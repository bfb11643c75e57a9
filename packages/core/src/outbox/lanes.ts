/** The sending of what waits: per channel first in, first out, one frame in flight. */
import type { Connection } from '../connection/connection.ts'
import type { HoldfastError } from '../errors.ts'
import type { Clock, Random, Timer } from '../ports/index.ts'
import type { OkFrame, WelcomeFrame } from '../protocol/index.ts'
import { asHoldfastError, commandOf } from './attempt.ts'
import type { Entry } from './entry.ts'
import { limitError } from './prepare.ts'

export interface LanesOptions {
  readonly connection: Pick<Connection, 'request'>
  readonly clock: Clock
  readonly random: Random
  /** The session to which the rows may be sent, or null. */
  readonly welcome: () => WelcomeFrame | null
  /** Writes the entry's row as it is now; nothing where rows are not kept. */
  readonly rewrite: ((entry: Entry) => Promise<void>) | null
  readonly changed: (entry: Entry) => void
  readonly acknowledged: (entry: Entry, answer: OkFrame) => void
  readonly failed: (entry: Entry, error: HoldfastError) => void
  readonly expired: (entry: Entry) => void
}

interface Lane {
  readonly queue: Entry[]
  /** A frame is in flight, or about to be. */
  isBusy: boolean
  /** Ends a wait between two attempts. */
  backoff: Timer | null
}

const SHORTEST_BACKOFF_MS = 500
const LONGEST_BACKOFF_MS = 20_000

export class Lanes {
  readonly #options: LanesOptions
  readonly #lanes = new Map<string, Lane>()

  constructor(options: LanesOptions) {
    this.#options = options
  }

  /** Puts an entry in its place: adopted ones stand before newer ones. */
  add(entry: Entry): void {
    const { channel, order } = entry.row
    const lane = this.#lanes.get(channel) ?? { queue: [], isBusy: false, backoff: null }
    this.#lanes.set(channel, lane)
    const { queue } = lane
    let place = queue.length
    while (place > 0 && (queue[place - 1] as Entry).row.order > order) place--
    queue.splice(place, 0, entry)
  }

  remove(entry: Entry): void {
    const lane = this.#lanes.get(entry.row.channel)
    const place = lane?.queue.indexOf(entry) ?? -1
    if (place >= 0) lane?.queue.splice(place, 1)
  }

  /** Whether it is the next of its channel. */
  isNext(entry: Entry): boolean {
    const lane = this.#lanes.get(entry.row.channel)
    return lane?.queue[0] === entry && !lane.isBusy && !lane.backoff
  }

  clear(): void {
    for (const { backoff } of this.#lanes.values()) backoff?.clear()
    this.#lanes.clear()
  }

  pumpAll(): void {
    for (const channel of [...this.#lanes.keys()]) this.pump(channel)
  }

  /** Sends the channel's first row, if it can be sent. */
  pump(channel: string): void {
    const lane = this.#lanes.get(channel)
    if (!lane || lane.isBusy || lane.backoff) return
    const [entry] = lane.queue
    if (!entry) {
      this.#lanes.delete(channel)
      return
    }
    const { welcome, clock, expired, failed } = this.#options
    const limits = welcome()?.limits
    if (!limits || entry.state === 'writing') return
    if (entry.row.expiresAt <= clock.now()) {
      expired(entry)
      return
    }
    const tooLarge = limitError(channel, entry.submission.messages, limits)
    if (tooLarge) {
      failed(entry, tooLarge)
      return
    }
    lane.isBusy = true
    this.#send(lane, entry).then(() => {
      lane.isBusy = false
      this.pump(channel)
    })
  }

  async #send(lane: Lane, entry: Entry): Promise<void> {
    const { connection, rewrite, welcome, clock, changed, acknowledged } = this.#options
    const { submission } = entry
    if (rewrite && entry.row.firstAttemptAt === null) {
      // Whoever adopts the row must know that a socket may have had it.
      entry.row = { ...entry.row, firstAttemptAt: clock.now() }
      await rewrite(entry)
      if (entry.isSettled) return
    }
    if (!welcome()) {
      if (!rewrite || submission.firstSentAt !== null) return
      entry.row = { ...entry.row, firstAttemptAt: null }
      return rewrite(entry)
    }
    const { firstSentAt } = submission
    entry.state = 'sending'
    changed(entry)
    try {
      const answer = await connection.request(commandOf(submission, clock.now()))
      if (!entry.isSettled) acknowledged(entry, answer)
    } catch (reason) {
      const error = asHoldfastError(reason)
      if (error.code === 'disconnected') submission.firstSentAt = firstSentAt
      if (!entry.isSettled) this.#answered(lane, entry, error)
    }
  }

  #answered(lane: Lane, entry: Entry, error: HoldfastError): void {
    const { clock, random, welcome, changed, failed } = this.#options
    if (error.retryWhen === 'never') {
      failed(entry, error)
      return
    }
    entry.state = 'waiting'
    changed(entry)
    const isUnsent = error.code === 'network' || error.code === 'disconnected'
    // The next session sends it.
    if (isUnsent && !welcome()) return
    const ceilingMs = Math.min(LONGEST_BACKOFF_MS, SHORTEST_BACKOFF_MS * 2 ** Math.min(entry.failures++, 10))
    const backoffMs = error.code === 'network' ? 0 : SHORTEST_BACKOFF_MS / 2 + random.fraction() * ceilingMs
    lane.backoff = clock.after(Math.max(error.retryAfterMs ?? 0, backoffMs), () => {
      lane.backoff = null
      this.pump(entry.row.channel)
    })
  }
}
