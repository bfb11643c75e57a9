/** The life of one process or page: its clock, which freezes while it sleeps and ends with it. */
import type { Clock, Timer } from '@holdfast/core/ports'

export class Life implements Clock {
  /** How far its wall clock is ahead of the others', in milliseconds. */
  shift = 0
  #isOver = false
  /** What waits for the end of the sleep; null while awake. */
  #asleep: (() => void)[] | null = null
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get isOver(): boolean {
    return this.#isOver
  }

  get isAsleep(): boolean {
    return this.#asleep !== null
  }

  /** The time of everybody, whatever its own wall clock says. */
  get time(): number {
    return this.#clock.now()
  }

  now(): number {
    return this.#clock.now() + this.shift
  }

  after(delayMs: number, callback: () => void): Timer {
    let isSet = true
    const timer = this.#clock.after(delayMs, () => this.run(() => isSet && callback()))
    return {
      clear() {
        isSet = false
        timer.clear()
      },
    }
  }

  /** Whatever reaches it from outside comes through here: never after its end, and not while it sleeps. */
  run(event: () => void): void {
    if (this.#isOver) return
    if (this.#asleep) this.#asleep.push(event)
    else event()
  }

  sleep(): void {
    this.#asleep ??= []
  }

  /** Wakes it; what came meanwhile happens now, in its order. Answers how much that was. */
  wake(): number {
    const waiting = this.#asleep ?? []
    this.#asleep = null
    for (const event of waiting) this.#clock.after(0, () => this.run(event))
    return waiting.length
  }

  /** Nothing more happens in it, whatever was under way. */
  end(): void {
    this.#isOver = true
    this.#asleep = null
  }
}
