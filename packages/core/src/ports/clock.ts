/** Time, as core and server-kit see it. Nothing else in them reads a clock or sets a timer. */

/** A pending timer, to be cleared. */
export interface Timer {
  /** Ends it; ending one that has fired or ended does nothing. */
  clear(): void
}

/**
 * Laws: `now` is wall-clock time in milliseconds since 1970 and may jump. A timer fires at most once, not before its
 * delay has passed on a clock that does not stop, never inside the call that set it.
 */
export interface Clock {
  now(): number
  /** Runs `callback` after `delayMs`; a delay below 0 counts as 0. */
  after(delayMs: number, callback: () => void): Timer
}

/** Platforms count a timer's milliseconds in 31 bits; what is longer would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The platform's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    let handle: ReturnType<typeof setTimeout>
    const wait = (leftMs: number): void => {
      const ms = Math.min(Math.max(0, leftMs), LONGEST_TIMER_MS)
      handle = setTimeout(() => (leftMs > ms ? wait(leftMs - ms) : callback()), ms)
    }
    wait(delayMs)
    return { clear: () => clearTimeout(handle) }
  },
}
