/** What the end of a socket means for the next attempt, and for the commands in flight. Pure. */
import { HoldfastError } from '../errors.ts'
import { type CloseAction, closeAction } from '../protocol/index.ts'
import type { TransportClosure } from '../transports/transport.ts'

/** Why a connection, or an attempt at one, ended. */
export interface Loss {
  readonly action: CloseAction
  /** The cause, where there is more to tell than that the network failed. */
  readonly error: HoldfastError | null
  readonly retryAfterMs: number
}

/** Errors that say more about the next attempt than the close code after them. */
const FINAL: readonly string[] = ['forbidden', 'denied', 'origin_denied', 'unsupported_version', 'replaced']

function actionOf({ code }: HoldfastError): CloseAction | null {
  if (code === 'unauthenticated' || code === 'token_expired') return 'refresh-token'
  return FINAL.includes(code) ? 'stop' : null
}

/** The loss that a closure means, with the session-level error that came before it, if one did. */
export function lossOf({ code, reason }: TransportClosure, sessionError: HoldfastError | null): Loss {
  const [action, closeError = reason ? 'network' : null] = closeAction(code)
  const error =
    sessionError ?? (closeError && new HoldfastError(closeError, reason ? { message: reason } : {}))
  return lossBy(error, (sessionError && actionOf(sessionError)) ?? action)
}

/** The loss that an error means by itself: the server's answer to `auth`, or a failure on this side. */
export function lossBy(
  error: HoldfastError | null,
  action: CloseAction = (error && actionOf(error)) ?? 'reconnect',
): Loss {
  return { action, error, retryAfterMs: error?.retryAfterMs ?? 0 }
}

/** What to tell commands that were in flight: whether one of them was at fault, or their fate is unknown. */
export function inFlightError(code: number): HoldfastError {
  const [action, error] = closeAction(code)
  return new HoldfastError(action === 'reject-in-flight' ? (error ?? 'bad_frame') : 'network')
}

/** The error of a refusal: what the server said stays as its cause. */
export function refusalOf({ error }: Loss): HoldfastError {
  if (error?.code === 'unsupported_version' || error?.code === 'replaced') return error
  return new HoldfastError('denied', error ? { cause: error, message: error.message } : {})
}
