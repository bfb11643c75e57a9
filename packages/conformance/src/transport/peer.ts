import type { Transport, TransportClosure } from '@holdfast/core'

/** The other end of one socket, as the suite scripts it. */
export interface PeerSocket {
  /** Text that arrived from the client, in order. */
  readonly received: readonly string[]
  /** How the client ended it, or how it ended otherwise; null while it has not. */
  readonly closure: TransportClosure | null
  send(text: string): void
  /** Sends what is no text; only where the capability `binary` is on. */
  sendBinary(bytes: Uint8Array): void
  close(code: number, reason: string): void
  /** Breaks the connection without a word. */
  cut(): void
  /** Sends, answers and acknowledges nothing more, and says nothing of it. */
  goSilent(): void
}

/** What a transport can do, or why not: a reason that the report shows. */
export interface TransportCapabilities {
  /** Close codes and reasons arrive as they were given. */
  readonly closeCodes: true | string
  /** The peer can send what is no text. */
  readonly binary: true | string
}

/** A server, real or not, that does what the suite tells it. */
export interface TransportHarness {
  /** A transport to this server: with `peers` peers that are all this server. */
  readonly transport: Transport
  /** A transport to where nobody answers but with a refusal. */
  readonly refused: Transport
  /** Sockets that the server accepted, the oldest first. */
  readonly sockets: readonly PeerSocket[]
  /** Lets a moment pass: real time, or a step of a virtual clock. */
  tick(): Promise<void>
  stop(): Promise<void>
}

export interface TransportSuite {
  readonly name: string
  readonly capabilities: TransportCapabilities
  start(): Promise<TransportHarness>
}
