/**
 * Timers that are judged by the wall clock. A platform fires timers late when it throttles a page or puts the machine
 * to sleep; whoever sets a deadline here is asked on every wake signal instead of when the timer comes round.
 */
import type { Clock, Timer } from '../ports/clock.ts'

/** A deadline met later than this was not met because nothing ran: the machine slept, or the page was throttled. */
const DRIFT_MS = 2_000

export interface Deadlines {
  /** Calls back once when `ms` have passed. */
  after(ms: number, callback: () => void): Timer
  /** Meets every deadline that the wall clock has passed, in their order. To be called on every wake signal. */
  check(): void
}

interface Deadline {
  readonly due: number
  readonly callback: () => void
  timer: Timer
}

/**
 * `onDrift` is called when deadlines are found to be more than DRIFT_MS late, before any of them is met: it may clear
 * one whose lateness says nothing, such as that of a probe whose answer waits behind this very timer.
 */
export function createDeadlines(clock: Clock, onDrift: () => void): Deadlines {
  const open = new Set<Deadline>()

  function meet(deadlines: readonly Deadline[]): void {
    const now = clock.now()
    if (deadlines.some(({ due }) => now - due > DRIFT_MS)) onDrift()
    for (const deadline of deadlines) {
      if (!open.delete(deadline)) continue
      deadline.timer.clear()
      deadline.callback()
    }
  }

  /** `fired` is due even where the wall clock was set back meanwhile: its delay has passed. */
  function check(fired?: Deadline): void {
    const now = clock.now()
    const passed = [...open].filter((deadline) => deadline === fired || deadline.due <= now)
    meet(passed.sort((a, b) => a.due - b.due))
  }

  return {
    after(ms, callback) {
      const deadline: Deadline = {
        due: clock.now() + ms,
        callback,
        timer: clock.after(ms, () => check(deadline)),
      }
      open.add(deadline)
      return {
        clear() {
          open.delete(deadline)
          deadline.timer.clear()
        },
      }
    },
    check: () => check(),
  }
}
