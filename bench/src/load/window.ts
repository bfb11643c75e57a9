/** Keeps a number of messages in flight: published, and not yet received by the audience as a whole. */
import type { Audience } from './audience.ts'
import type { Publisher } from './publisher.ts'

export class Window {
  readonly #publisher: Publisher
  readonly #audience: Audience
  readonly #size: number
  readonly #copies: number
  #isRunning = true

  /** @param copies how many subscribers get a message */
  constructor(publisher: Publisher, audience: Audience, size: number, copies: number) {
    this.#publisher = publisher
    this.#audience = audience
    this.#size = size
    this.#copies = copies
  }

  /** Fills the window up once half of it is free, so that a write carries several messages and costs little. */
  advance(): void {
    const inFlight = this.#publisher.published - this.#audience.delivered / this.#copies
    if (!this.#isRunning || inFlight > this.#size / 2) return
    this.#publisher.publish(Math.max(1, Math.floor(this.#size - inFlight)))
  }

  stop(): void {
    this.#isRunning = false
  }
}
