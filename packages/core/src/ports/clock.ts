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

/** The platform's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    const handle = setTimeout(callback, Math.max(0, delayMs))
    return { clear: () => clearTimeout(handle) }
  },
}
