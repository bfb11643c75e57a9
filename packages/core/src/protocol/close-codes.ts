/**
 * WebSocket close codes of `holdfast.v1`: what each means, what the client does, what becomes of publishes in
 * flight. PROTOCOL.md carries the same table; a test compares the two.
 */
import type { ErrorCode } from './errors.ts'

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

/** What the client does, and the error to show where no error frame came before the close. */
const ACTIONS: Readonly<Record<CloseCode, readonly [action: CloseAction, error?: ErrorCode]>> = {
  1000: ['reconnect'],
  1001: ['reconnect'],
  1006: ['reconnect'],
  1012: ['reconnect'],
  1002: ['reject-in-flight'],
  1007: ['reject-in-flight'],
  1008: ['reject-in-flight'],
  1009: ['reject-in-flight', 'frame_too_large'],
  4400: ['reject-in-flight', 'bad_frame'],
  4401: ['refresh-token', 'unauthenticated'],
  4403: ['stop', 'forbidden'],
  4406: ['stop', 'unsupported_version'],
  4409: ['stop', 'replaced'],
  4408: ['reconnect', 'auth_timeout'],
  4429: ['wait', 'rate_limited'],
  4500: ['reconnect', 'internal'],
  4503: ['reconnect', 'draining'],
  4504: ['reconnect', 'log_unavailable'],
  4509: ['reconnect'],
}

/** What to do after a close, and its error if it has one; unknown codes reconnect at the longest backoff. */
export function closeAction(code: number): readonly [action: CloseAction, error?: ErrorCode] {
  return ACTIONS[code as CloseCode] ?? ['reconnect-slowly']
}

const MEANINGS: Readonly<Record<CloseCode, string>> = {
  1000: 'normal closure by the server',
  1001: 'going away',
  1006: 'connection lost',
  1012: 'service restart',
  1002: 'WebSocket protocol error',
  1007: 'invalid UTF-8',
  1008: 'policy violation',
  1009: 'message too large',
  4400: 'bad frame',
  4401: 'token missing or expired',
  4403: 'forbidden',
  4406: 'unsupported protocol version',
  4409: 'replaced by another session',
  4408: 'not authenticated in time',
  4429: 'rate limit',
  4500: 'internal error',
  4503: 'draining or too slow',
  4504: 'log unavailable',
  4509: 'resubscribe',
}

export const CLOSE_CODES: Readonly<Record<CloseCode, CloseRule>> = /* @__PURE__ */ rulesOf(MEANINGS)

function rulesOf(meanings: typeof MEANINGS): Record<CloseCode, CloseRule> {
  const rules = Object.entries(meanings).map(([code, meaning]) => [code, closeRule(Number(code), meaning)])
  return Object.fromEntries(rules)
}

/** The rule of a close code. */
export function closeRule(code: number, meaning: string = 'unknown'): CloseRule {
  return { meaning, action: closeAction(code)[0] }
}
