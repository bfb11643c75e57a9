import type { Clock, Timer } from '../ports/clock.ts'

/** A clock that stands still until it is told to move. */
export interface VirtualClock extends Clock {
  /**
   * Lets `ms` pass: fires what becomes due, in order of time and then of setting, and lets promises settle after
   * each timer and at the end. `advance(0)` only lets promises settle, and fires what is due now.
   */
  advance(ms: number): Promise<void>
  /** Fires timers until none is left. Throws after `limit` timers (10,000): something sets itself anew for ever. */
  runAll(limit?: number): Promise<void>
  /** Timers that are set and have neither fired nor been cleared: what a leak test counts. */
  readonly pending: number
  /** Milliseconds until the next timer is due; null where there is none. */
  readonly nextIn: number | null
  /**
   * Sets the wall clock and leaves the timers as they are: a corrected clock, or, forwards, a machine that slept,
   * whose timers then fire as late as the sleep was long.
   */
  setWall(ms: number): void
}

interface Pending {
  readonly due: number
  readonly order: number
  readonly callback: () => void
}

/** 2026-01-01T00:00:00Z: late enough to be taken for a real time. */
const DEFAULT_START = 1_767_225_600_000

export function createVirtualClock(options: { start?: number } = {}): VirtualClock {
  /** Timers count on `elapsed`, which only moves forwards; the wall clock is `elapsed` shifted. */
  let elapsed = 0
  let shift = options.start ?? DEFAULT_START
  let order = 0
  const timers: Pending[] = []

  function fireNext(): void {
    const timer = timers.shift()
    if (!timer) return
    elapsed = Math.max(elapsed, timer.due)
    timer.callback()
  }

  return {
    now: () => elapsed + shift,
    after(delayMs, callback): Timer {
      // Whole milliseconds, as the platforms' clocks have them.
      const timer: Pending = { due: elapsed + Math.max(0, Math.ceil(delayMs)), order: order++, callback }
      timers.splice(placeOf(timers, timer), 0, timer)
      return {
        clear() {
          const place = placeOf(timers, timer)
          if (timers[place] === timer) timers.splice(place, 1)
        },
      }
    },
    async advance(ms) {
      const end = elapsed + ms
      await settled()
      while (timers[0] && timers[0].due <= end) {
        fireNext()
        await settled()
      }
      elapsed = end
    },
    async runAll(limit = 10_000) {
      await settled()
      for (let fired = 0; timers.length > 0; fired++) {
        if (fired === limit) throw new Error(`more than ${limit} timers: advance() instead of runAll()`)
        fireNext()
        await settled()
      }
    },
    get pending() {
      return timers.length
    },
    get nextIn() {
      return timers[0] ? Math.max(0, timers[0].due - elapsed) : null
    },
    setWall(ms) {
      shift = ms - elapsed
    },
  }
}

/** Where a timer stands, or would stand, in the sorted list. */
function placeOf(timers: readonly Pending[], { due, order }: Pending): number {
  let low = 0
  let high = timers.length
  while (low < high) {
    const middle = (low + high) >> 1
    const other = timers[middle] as Pending
    if (other.due < due || (other.due === due && other.order < order)) low = middle + 1
    else high = middle
  }
  return low
}

const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => void }

/** Resolves when every promise that can settle by itself has: a macrotask runs only after all microtasks. */
export function settled(): Promise<void> {
  return new Promise((resolve) => (setImmediate ? setImmediate(resolve) : setTimeout(resolve)))
}
