/** A session's way out: its own frames leave together at the end of the tick, and what waits is bounded. */
import type { HubContext } from './context.ts'
import type { EncodedFrame } from './encoded-frame.ts'
import type { Link } from './link.ts'

/** Answers may pass the cap, since each was asked for; at this many times the cap the peer abuses that. */
const HARD_CAP = 4

export abstract class Outbound {
  readonly link: Link
  /** Nothing was sent since the last check. */
  isQuiet = true
  isCorked = false
  isClosed = false
  protected readonly context: HubContext
  #frames: EncodedFrame[] | null = null
  #length = 0
  /** Who waits for room. */
  #waiting: (() => void)[] | null = null
  #watchesDrain = false
  /** At some write since the last beat, more waited than answers may. */
  #wasFlooded = false
  /** The beat at which waiting ends in a close. */
  #stallsAt = Number.POSITIVE_INFINITY
  #leastBuffered = 0

  constructor(context: HubContext, link: Link) {
    this.context = context
    this.link = link
  }

  /** Sends a frame at the end of this tick, after those queued before. */
  queue(frame: EncodedFrame): void {
    if (this.isClosed) return
    this.#length += frame.text.length
    this.link.isClear = false
    if (this.#frames) {
      this.#frames.push(frame)
      return
    }
    this.#frames = [frame]
    this.context.fanOut.addSession(this)
  }

  /** Sends what is queued now. */
  flush(): void {
    const frames = this.#frames
    if (!frames) return
    this.#frames = null
    this.#length = 0
    if (this.isClosed) return
    this.isQuiet = false
    const { link } = this
    if (frames.length > 1 && link.sendAll) link.isClear = link.sendAll(frames)
    else for (const frame of frames) link.isClear = link.send(frame)
    if (this.#isFlooded) this.#wasFlooded = true
    if (this.#waiting && this.#hasRoom) this.#wake()
  }

  /** Sends a frame now, after what is queued. */
  send(frame: EncodedFrame): void {
    this.flush()
    this.isQuiet = false
    this.link.isClear = this.link.send(frame)
  }

  /** Resolves when more may be sent: at once, or when the connection has taken what it was given. */
  room(): Promise<void> | undefined {
    if (this.#hasRoom || this.isClosed) return undefined
    if (!this.#watchesDrain) {
      this.#watchesDrain = true
      this.link.onDrain(() => this.#wake())
    }
    return new Promise((resolve) => {
      if (!this.#waiting) {
        this.#waiting = []
        this.#watch()
      }
      this.#waiting.push(resolve)
    })
  }

  /** Whether the connection has taken nothing for too long while something waited for it. */
  protected hasStalled(now: number): boolean {
    // A connection that is merely fast has taken it all by now.
    if (this.#wasFlooded && this.#isFlooded) return true
    this.#wasFlooded = false
    if (now < this.#stallsAt) {
      if (this.#waiting && this.link.bufferedBytes < this.#leastBuffered) this.#watch()
      return false
    }
    return true
  }

  /** Lets go of everything that waits. */
  protected release(): void {
    this.#frames = null
    this.#wake()
  }

  /** Whether more waits than a session may have waiting. */
  isOverCap(): boolean {
    return this.link.bufferedBytes > this.context.config.limits.bufferedBytes
  }

  get #isFlooded(): boolean {
    const { bufferedBytes, messageBytes } = this.context.config.limits
    return this.link.bufferedBytes > HARD_CAP * Math.max(bufferedBytes, messageBytes)
  }

  get #hasRoom(): boolean {
    return this.link.bufferedBytes + this.#length <= this.context.config.limits.bufferedBytes / 2
  }

  #watch(): void {
    const { pulse, config } = this.context
    this.#leastBuffered = this.link.bufferedBytes
    this.#stallsAt = pulse.after(config.stallTimeoutMs)
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = null
    this.#stallsAt = Number.POSITIVE_INFINITY
    for (const resolve of waiting ?? []) resolve()
  }
}
