/** The port between the connection machine and whatever carries frames. */
import type { ClientFrame, ServerFrame } from '../protocol/index.ts'

/** Why a socket ended. `code` is a WebSocket close code; 1006 where there was none. */
export interface TransportClosure {
  readonly code: number
  readonly reason: string
}

export interface TransportEvents {
  /** The peer accepted: frames may be sent. */
  opened(): void
  /** One frame, in the order it was sent. */
  frame(frame: ServerFrame): void
  /** Text arrived that is no frame; the connection closes the socket. */
  malformed(fault: string): void
  /** The socket ended, or could not be opened. The last event. */
  closed(closure: TransportClosure): void
}

/** One attempt at a connection. */
export interface Socket {
  /** Hands a frame to the network, in order. Sending on a socket that has ended does nothing. */
  send(frame: ClientFrame): void
  /** Ends the socket at once; `closed` does not follow. */
  close(code?: number, reason?: string): void
}

/**
 * Laws: `open` never throws and calls no event before it has returned; events come in the order `opened` (once),
 * `frame`s, `closed` (once), and none after `closed` or after `close()` was called; frames arrive in the order and
 * with the content they were sent in, or the socket ends.
 */
export interface Transport {
  /** For diagnostics: `websocket`, `relay`, `pusher`. */
  readonly name: string
  /** How many peers there are to try; attempt n goes to peer n modulo this. */
  readonly peers: number
  open(attempt: number, events: TransportEvents): Socket
}
