/** Whether the user is there: hidden or idle for a while is away. */
import type { Activity, ActivitySignal } from '../ports/activity.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import type { Deadlines } from './deadlines.ts'

export interface Awayness {
  start(): void
  stop(): void
  /** Input, hiding and showing count; other signals are let pass. */
  note(signal: ActivitySignal): void
}

/** `onChange` is told when the user leaves and comes back; at the start the user counts as there. */
export function createAwayness(
  { afterMs }: { readonly afterMs: number },
  activity: Activity,
  clock: Clock,
  deadlines: Deadlines,
  onChange: (isAway: boolean) => void,
): Awayness {
  let timer: Timer | null = null
  let seenAt = 0
  let isAway = false

  /** Input comes by the hundred: the timer is not set anew for each, but looks at `seenAt` when it fires. */
  function watch(): void {
    const leftMs = seenAt + afterMs - clock.now()
    isAway = leftMs <= 0
    timer = isAway ? null : deadlines.after(leftMs, watch)
    if (isAway) onChange(true)
  }

  return {
    start() {
      seenAt = clock.now()
      if (isAway) onChange(false)
      watch()
    },
    stop() {
      timer?.clear()
      timer = null
    },
    note(signal) {
      if (signal !== 'visible' && signal !== 'hidden' && signal !== 'active') return
      // A hidden page has no user whose input could count; hiding it is the last that was seen of one.
      if (!activity.isVisible && signal !== 'hidden') return
      seenAt = clock.now()
      if (!isAway || signal === 'hidden') return
      watch()
      onChange(false)
    },
  }
}
