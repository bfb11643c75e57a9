/** How long to wait before the next attempt. Pure: chance comes in as a number. */
import type { CloseAction } from '../protocol/index.ts'

/**
 * The spread of first reconnects. A server that restarts loses all its clients in one moment; over three seconds no
 * hundredth of them comes back in the same tenth of a second as a twentieth would.
 */
const FIRST_RECONNECT_MS = 3_000
const SHORTEST_BACKOFF_MS = 500
export const LONGEST_BACKOFF_MS = 20_000
/** A session this long was a success; shorter ones in a row count as failures, or a broken server is hammered. */
export const STABLE_SESSION_MS = 2_000
/** Failures in a row up to which a lost session is taken back at the first reconnect's pace. */
const QUICK_FAILURES = 2

export interface LostAttempt {
  /** Whether the server had welcomed this socket. */
  readonly wasEstablished: boolean
  /** Failed attempts and short sessions in a row, this one included: at least 1. */
  readonly failures: number
  /** Whether a wake signal is why we know: the user is there and waits. */
  readonly isWake: boolean
  /** What the close code asks for. */
  readonly action: CloseAction
  /** The least wait, as the server announced it; 0 where it did not. */
  readonly retryAfterMs: number
}

/** Milliseconds to wait; `fraction` is uniform in [0, 1). */
export function reconnectDelayMs(lost: LostAttempt, fraction: number): number {
  const { wasEstablished, failures, isWake, action, retryAfterMs } = lost
  // The server's wait comes on top: everybody was told the same one, and must not come back in the same moment.
  if (retryAfterMs > 0) return retryAfterMs + fraction * FIRST_RECONNECT_MS
  if (action === 'reconnect-slowly' || action === 'wait')
    return jitter(LONGEST_BACKOFF_MS / 2, LONGEST_BACKOFF_MS, fraction)
  if (wasEstablished && isWake) return 0
  if (wasEstablished && failures <= QUICK_FAILURES) return fraction * FIRST_RECONNECT_MS
  const ceiling = Math.min(LONGEST_BACKOFF_MS, 2 * SHORTEST_BACKOFF_MS * 2 ** Math.min(failures, 10))
  return jitter(SHORTEST_BACKOFF_MS, ceiling, fraction)
}

function jitter(leastMs: number, mostMs: number, fraction: number): number {
  return leastMs + fraction * (mostMs - leastMs)
}
