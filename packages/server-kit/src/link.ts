/** The port between a session and whatever carries its frames. */
import type { EncodedFrame } from './encoded-frame.ts'

/**
 * Laws: frames arrive in the order of the calls, or the link ends; a call on a link that has ended does nothing; no
 * call calls back into the session before it has returned.
 */
export interface Link {
  /**
   * The session's own notes, kept where the fan-out's loop needs no second object to read them. Clear: the last frame was
   * taken, nothing waits to be sent before the next one, and something was sent since the last check for silence.
   */
  isClear: boolean
  /** Whether one tick may bring frames of several channels: else holding writes back would only cost time. */
  hasSeveralChannels: boolean
  /** Answers true where the network took it, or nearly so: then `bufferedBytes` need not be looked at. */
  send(frame: EncodedFrame): boolean
  /** Sends several frames, in one write where the link can; answers as `send` does. */
  sendAll?(frames: readonly EncodedFrame[]): boolean
  /** Bytes handed over and not yet taken by the network. */
  readonly bufferedBytes: number
  /** Calls `listener` each time the bytes that were waiting have gone. Asked for at most once a link. */
  onDrain(listener: () => void): void
  /** Ends it after what was sent, with a close code of PROTOCOL.md. */
  close(code: number, reason: string): void
  /** Ends it at once; `close` where left out. */
  terminate?(): void
  /** Asks the peer for a sign of life below the protocol. */
  ping?(): void
  /** Holds frames back until `uncork`, so that several leave in one write. */
  cork?(): void
  uncork?(): void
}

/** The request that opened a connection, as `authenticate` sees it. */
export interface RequestInfo {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Path and query. */
  readonly url: string
  readonly remoteAddress: string
}
