/** What the connection machine shows. */
import type { HoldfastError } from '../errors.ts'

export type Status = 'CONNECTING' | 'ONLINE' | 'AWAY' | 'OFFLINE'

/** Why the connection is in its status. */
export type StatusReason =
  /** OFFLINE: connect() was not called yet. */
  | 'initial'
  /** CONNECTING: a socket is being opened. */
  | 'opening'
  /** CONNECTING: the token is awaited, or the server's welcome. */
  | 'authenticating'
  /** CONNECTING: the last attempt failed; the next is at `retryAt`. */
  | 'backoff'
  /** CONNECTING: the platform says that there is no network; its return ends the wait. */
  | 'no-network'
  /** ONLINE, AWAY: connected. */
  | 'connected'
  /** ONLINE, AWAY: connected as far as is known; a probe is under way. */
  | 'probing'
  /** OFFLINE: disconnect() was called. */
  | 'closed'
  /** OFFLINE: the server refused this client; `error` says why. */
  | 'refused'

export interface ConnectionState {
  readonly status: Status
  /** The status before the last change of status; OFFLINE at first. */
  readonly previous: Status
  readonly reason: StatusReason
  /** With `backoff`: when the next attempt is made, milliseconds since 1970. */
  readonly retryAt: number | null
  /** With `refused`, and with `backoff` where the last attempt had a cause worth showing. */
  readonly error: HoldfastError | null
}

/** Whether frames can be sent: ONLINE or AWAY. */
export function isConnectedStatus(status: Status): boolean {
  return status === 'ONLINE' || status === 'AWAY'
}
