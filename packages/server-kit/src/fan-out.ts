/** One pass at the end of each tick in which something is to be sent: answers first, then channels. */
import type { Channel } from './channel.ts'
import type { Outbound } from './outbound.ts'

export class FanOut {
  /** Whether this pass serves several channels, and so corks every socket it touches. */
  isCorking = false
  readonly #ticker: (flush: () => void) => void
  readonly #flush = (): void => this.flush()
  #channels: Channel[] = []
  #sessions: Outbound[] = []
  #corked: Outbound[] = []
  #isScheduled = false

  constructor(ticker: (flush: () => void) => void) {
    this.#ticker = ticker
  }

  /** A channel has items to send. */
  addChannel(channel: Channel): void {
    this.#channels.push(channel)
    this.#schedule()
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
    this.#isScheduled = false
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
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#ticker(this.#flush)
  }
}
