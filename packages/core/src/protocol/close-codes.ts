/**
 * WebSocket close codes of `holdfast.v1`: what each means, what the client does, what becomes of publishes in
 * flight. PROTOCOL.md carries the same table; a test compares the two.
 */

/** What the client does after a close. */
export type CloseAction =
  /** reconnect with full-jitter backoff */
  | 'reconnect'
  /** reconnect, but the command in flight was at fault: reject it, never send it again */
  | 'reject-in-flight'
  /** fetch a fresh token once and reconnect; a second time in a row: stop, `denied` */
  | 'refresh-token'
  /** do not reconnect until connect() is called */
  | 'stop'
  /** reconnect after the announced `retryAfterMs` */
  | 'wait'
  /** reconnect at the longest backoff */
  | 'reconnect-slowly'

export interface CloseRule {
  readonly meaning: string
  readonly action: CloseAction
}

const close = (meaning: string, action: CloseAction): CloseRule => ({ meaning, action })

export type CloseCode =
  | 1000
  | 1001
  | 1006
  | 1012
  | 1002
  | 1007
  | 1008
  | 1009
  | 4400
  | 4401
  | 4403
  | 4406
  | 4409
  | 4408
  | 4429
  | 4500
  | 4503
  | 4504
  | 4509

export const CLOSE_CODES: Readonly<Record<CloseCode, CloseRule>> = {
  1000: close('normal closure by the server', 'reconnect'),
  1001: close('going away', 'reconnect'),
  1006: close('connection lost', 'reconnect'),
  1012: close('service restart', 'reconnect'),
  1002: close('WebSocket protocol error', 'reject-in-flight'),
  1007: close('invalid UTF-8', 'reject-in-flight'),
  1008: close('policy violation', 'reject-in-flight'),
  1009: close('message too large', 'reject-in-flight'),
  4400: close('bad frame', 'reject-in-flight'),
  4401: close('token missing or expired', 'refresh-token'),
  4403: close('forbidden', 'stop'),
  4406: close('unsupported protocol version', 'stop'),
  4409: close('replaced by another session', 'stop'),
  4408: close('not authenticated in time', 'reconnect'),
  4429: close('rate limit', 'wait'),
  4500: close('internal error', 'reconnect'),
  4503: close('draining or too slow', 'reconnect'),
  4504: close('log unavailable', 'reconnect'),
  4509: close('resubscribe', 'reconnect'),
}

/** The rule of a close code; unknown ones reconnect at the longest backoff. */
export function closeRule(code: number): CloseRule {
  const rules: Record<number, CloseRule> = CLOSE_CODES
  return rules[code] ?? { meaning: 'unknown', action: 'reconnect-slowly' }
}
