/** What the end of a socket means for the next attempt, and for the commands in flight. Pure. */
import { HoldfastError } from '../errors.ts'
import { type CloseAction, closeRule, type ErrorCode } from '../protocol/index.ts'
import type { TransportClosure } from '../transports/transport.ts'

/** Why a connection, or an attempt at one, ended. */
export interface Loss {
  readonly action: CloseAction
  /** The cause, where there is more to tell than that the network failed. */
  readonly error: HoldfastError | null
  readonly retryAfterMs: number
}

/** Errors of a session that say more about the next attempt than the close code after them. */
const ERROR_ACTIONS: Partial<Record<ErrorCode, CloseAction>> = {
  unauthenticated: 'refresh-token',
  token_expired: 'refresh-token',
  forbidden: 'stop',
  denied: 'stop',
  origin_denied: 'stop',
  unsupported_version: 'stop',
  replaced: 'stop',
}

/** What a close code says where no error frame came before it. */
const CLOSE_ERRORS: Readonly<Record<number, ErrorCode>> = {
  1009: 'frame_too_large',
  4400: 'bad_frame',
  4401: 'unauthenticated',
  4403: 'forbidden',
  4406: 'unsupported_version',
  4408: 'auth_timeout',
  4409: 'replaced',
  4429: 'rate_limited',
  4500: 'internal',
  4503: 'draining',
  4504: 'log_unavailable',
}

/** The loss that a closure means, with the session-level error that came before it, if one did. */
export function lossOf({ code, reason }: TransportClosure, sessionError: HoldfastError | null): Loss {
  const closeError = CLOSE_ERRORS[code] ?? (reason ? 'network' : null)
  const error =
    sessionError ?? (closeError && new HoldfastError(closeError, reason ? { message: reason } : {}))
  return {
    action: (sessionError && ERROR_ACTIONS[sessionError.code]) ?? closeRule(code).action,
    error,
    retryAfterMs: error?.retryAfterMs ?? 0,
  }
}

/** The loss that an error means by itself: the server's answer to `auth`, or a failure on this side. */
export function lossBy(error: HoldfastError): Loss {
  return {
    action: ERROR_ACTIONS[error.code] ?? 'reconnect',
    error,
    retryAfterMs: error.retryAfterMs ?? 0,
  }
}

/** What to tell commands that were in flight: whether one of them was at fault, or their fate is unknown. */
export function inFlightError(code: number): HoldfastError {
  if (closeRule(code).action !== 'reject-in-flight') return new HoldfastError('network')
  return new HoldfastError(code === 1009 ? 'frame_too_large' : 'bad_frame')
}

/** The error of a refusal: what the server said stays as its cause. */
export function refusalOf({ error }: Loss): HoldfastError {
  if (error?.code === 'unsupported_version' || error?.code === 'replaced') return error
  return new HoldfastError('denied', error ? { cause: error, message: error.message } : {})
}
