/** Lets the log drop what retention no longer keeps in channels that nothing is appended to. */
import type { Clock } from '@holdfast/core/ports'
import type { Log } from './log/log.ts'

const SWEEP_EVERY_MS = 60_000
/** After a sweep comes a pause of so many times its length, so that sweeping very many channels stays a small share. */
const PAUSE = 50

export class Sweeper {
  readonly #log: Log
  readonly #clock: Clock
  readonly #failed: (error: unknown) => void
  #sweptAt: number
  #pauseMs = SWEEP_EVERY_MS
  #isSweeping = false

  constructor(log: Log, clock: Clock, failed: (error: unknown) => void) {
    this.#log = log
    this.#clock = clock
    this.#failed = failed
    this.#sweptAt = clock.now()
  }

  /** Sweeps if it is time. Called while there is anything to do anyway: a hub that nobody uses keeps no timer. */
  look(): void {
    const now = this.#clock.now()
    // A wall clock that was set back must not put the next sweep off.
    if (this.#isSweeping || Math.abs(now - this.#sweptAt) < this.#pauseMs) return
    this.#isSweeping = true
    this.#log
      .sweep()
      .catch(this.#failed)
      .finally(() => {
        this.#isSweeping = false
        this.#sweptAt = this.#clock.now()
        this.#pauseMs = Math.max(SWEEP_EVERY_MS, PAUSE * Math.abs(this.#sweptAt - now))
      })
  }
}
