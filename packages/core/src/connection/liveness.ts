/** Whether the other end is there: silence, probes, round trips. Nothing here costs more than a clock read a frame. */
import type { Clock, Timer } from '../ports/clock.ts'
import type { Deadlines } from './deadlines.ts'

/** How much later than promised a sign of life may come before it is asked for. */
const SILENCE_SLACK_MS = 2_000
const SHORTEST_PROBE_MS = 2_000
const LONGEST_PROBE_MS = 8_000
/** A timer at least this often: where nothing else says that the machine slept, its lateness does. */
const TICK_MS = 5_000

/**
 * How long the answer to a probe may take: 4 smoothed round trips, from 2 to 8 s. Half of that where the server is a
 * whole heartbeat later than it promised: then the probe only confirms what the silence has said.
 */
export function probeDeadlineMs(roundTripMs: number, overdueHeartbeats: number): number {
  const ms = Math.min(LONGEST_PROBE_MS, Math.max(SHORTEST_PROBE_MS, 4 * roundTripMs))
  return overdueHeartbeats >= 1 ? ms / 2 : ms
}

/** The smoothed round trip with one more sample, an eighth of which is believed; the first one wholly. */
export function smoothed(roundTripMs: number, sampleMs: number): number {
  return roundTripMs === 0 ? sampleMs : roundTripMs + (sampleMs - roundTripMs) / 8
}

export interface Liveness {
  /** Begins to tick. */
  start(): void
  stop(): void
  /** A session began, with a server that sends something at least every `heartbeatMs`. */
  begin(heartbeatMs: number): void
  end(): void
  /** A frame arrived. */
  noteFrame(): void
  /** A probe was sent as command `id`. */
  noteProbe(id: number): void
  /** Command `id` was answered; says whether it was the probe. */
  noteAnswer(id: number): boolean
  /** The time that a probe sent now may take. */
  probeMs(): number
}

export function createLiveness(clock: Clock, deadlines: Deadlines, onSilent: () => void): Liveness {
  let timer: Timer | null = null
  let heartbeatMs: number | null = null
  let lastFrameAt = 0
  let roundTripMs = 0
  let probe: { readonly id: number; readonly sentAt: number } | null = null

  function tick(): void {
    let next = TICK_MS
    if (heartbeatMs !== null) {
      // A wall clock that was set back must not make the silence wait for the old time to come round.
      lastFrameAt = Math.min(lastFrameAt, clock.now())
      const leftMs = lastFrameAt + heartbeatMs + SILENCE_SLACK_MS - clock.now()
      if (leftMs > 0) next = Math.min(next, leftMs)
      else onSilent()
    }
    timer = deadlines.after(next, tick)
  }

  function restart(): void {
    timer?.clear()
    tick()
  }

  return {
    start: restart,
    stop() {
      timer?.clear()
      timer = null
    },
    begin(ms) {
      heartbeatMs = ms
      lastFrameAt = clock.now()
      probe = null
      restart()
    },
    end() {
      heartbeatMs = null
      roundTripMs = 0
    },
    noteFrame() {
      lastFrameAt = clock.now()
    },
    noteProbe(id) {
      probe = { id, sentAt: clock.now() }
    },
    noteAnswer(id) {
      if (probe?.id !== id) return false
      const sampleMs = clock.now() - probe.sentAt
      probe = null
      // Longer ones measure a sleep, or a clock that was set.
      if (sampleMs >= 0 && sampleMs <= LONGEST_PROBE_MS) roundTripMs = smoothed(roundTripMs, sampleMs)
      return true
    },
    probeMs() {
      const lateMs = heartbeatMs === null ? 0 : clock.now() - lastFrameAt - heartbeatMs
      return probeDeadlineMs(roundTripMs, lateMs / (heartbeatMs ?? 1))
    },
  }
}
