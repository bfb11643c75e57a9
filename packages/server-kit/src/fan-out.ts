/**
 * One pass at the end of each tick in which something is to be sent: answers first, then channels. What comes after a
 * tick without anything does not wait for the end of its own: there is most likely nothing to send it with.
 */
import type { Channel } from './channel.ts'
import type { Outbound } from './outbound.ts'

/** From this many writes on, one more look at the sockets costs next to nothing beside the pass. */
const LONG_PASS = 64
/** Looks before a pass, and items that a pass may wait with for another one. */
const MAX_LOOKS = 4
const MAX_WAITING = 1_000

export class FanOut {
  /** Whether this pass serves several channels, and so corks every socket it touches. */
  isCorking = false
  readonly #ticker: (flush: () => void) => void
  readonly #turn = (): void => this.#lookOrFlush()
  readonly #rest = (): void => {
    this.#isResting = false
    this.#isIdle = !this.#isScheduled
    if (!this.#isIdle) return
    this.#single?.prepare()
    this.#single = null
  }
  #channels: Channel[] = []
  #sessions: Outbound[] = []
  #corked: Outbound[] = []
  #isScheduled = false
  /** Whether nothing was sent for a whole tick. */
  #isIdle = true
  #isResting = false
  /** The channel of the last pass that sent messages, if it sent one only: the next one will most likely come alone too. */
  #single: Channel | null = null
  /** What waits: items of channels, and the writes that they will take. */
  #items = 0
  #writes = 0
  /** Looks since the last pass, and what waited at the last of them. */
  #looks = 0
  #seen = 0

  constructor(ticker: (flush: () => void) => void) {
    this.#ticker = ticker
  }

  /** A channel has items to send. */
  addChannel(channel: Channel): void {
    this.#channels.push(channel)
    this.#writes += channel.live.length
    if (this.#isIdle) this.flush()
    else this.#schedule()
  }

  /** A channel has taken in items. */
  addItems(count: number): void {
    this.#items += count
  }

  /** A session has frames of its own to send. */
  addSession(session: Outbound): void {
    this.#sessions.push(session)
    this.#schedule()
  }

  /** Holds a session's writes back until the end of the pass. */
  cork(session: Outbound): void {
    if (session.isCorked) return
    session.isCorked = true
    session.link.cork?.()
    this.#corked.push(session)
  }

  /**
   * Answers leave before the channels' frames: what a subscription gets live follows the answer that announced it.
   * What comes up during the pass waits for the next tick.
   */
  flush(): void {
    this.#isScheduled = this.#isIdle = false
    if (this.#items > 0) this.#single = this.#items === 1 ? (this.#channels[0] ?? null) : null
    this.#items = this.#writes = this.#looks = this.#seen = 0
    const channels = this.#channels
    const sessions = this.#sessions
    this.#channels = []
    this.#sessions = []
    this.isCorking = channels.length > 1
    for (const session of sessions) {
      if (channels.length > 0) this.cork(session)
      session.flush()
    }
    for (const channel of channels) channel.flush()
    this.isCorking = false
    const corked = this.#corked
    this.#corked = []
    for (const session of corked) {
      session.isCorked = false
      session.link.uncork?.()
    }
    if (this.#isResting) return
    this.#isResting = true
    this.#ticker(this.#rest)
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#ticker(this.#turn)
  }

  /**
   * Before a long pass the sockets are looked at once more, and again while that brings something: under load each
   * write then carries more messages. A short pass, and one of a single message, begins at once.
   */
  #lookOrFlush(): void {
    const hasMore = this.#items > Math.max(1, this.#seen) && this.#items < MAX_WAITING
    if (this.#writes < LONG_PASS || this.#looks === MAX_LOOKS || !hasMore) {
      this.flush()
      return
    }
    this.#looks++
    this.#seen = this.#items
    this.#ticker(this.#turn)
  }
}
