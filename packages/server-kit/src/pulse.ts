/**
 * The hub's one timer. Everything periodic or with a deadline is counted in its beats: heartbeats, probes, deadlines
 * of ten thousand sessions cost no timer each, and a jump of the wall clock moves none of them.
 */
import type { Clock, Timer } from '@holdfast/core/ports'

export class Pulse {
  /** Beats since the start. */
  now = 0
  readonly periodMs: number
  readonly #clock: Clock
  readonly #beat: () => boolean
  #timer: Timer | null = null

  /** @param beat runs at each beat, and says whether there is still something to watch */
  constructor(clock: Clock, periodMs: number, beat: () => boolean) {
    this.#clock = clock
    this.periodMs = periodMs
    this.#beat = beat
  }

  /** The beat at which `ms` have passed for certain. */
  after(ms: number): number {
    return this.now + Math.ceil(ms / this.periodMs) + 1
  }

  /** Goes on beating; does nothing where it does. */
  start(): void {
    if (this.#timer) return
    this.#timer = this.#clock.after(this.periodMs, () => {
      this.#timer = null
      this.now++
      if (this.#beat()) this.start()
    })
  }

  stop(): void {
    this.#timer?.clear()
    this.#timer = null
  }
}
