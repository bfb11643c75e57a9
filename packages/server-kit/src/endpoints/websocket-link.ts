/** A session's link over a WebSocket. */
import type { Duplex } from 'node:stream'
import { type RawData, WebSocket } from 'ws'
import type { EncodedFrame } from '../encoded-frame.ts'
import type { Link } from '../link.ts'
import type { Session } from '../session.ts'
import { frameTexts, wireOf } from './wire.ts'

/** How long a peer may take to answer a close. */
const CLOSE_TIMEOUT_MS = 2_000

/**
 * Writes frames made once straight to the socket of the upgrade. Only sound while the connection is not compressed
 * and nothing else sends fragments on it.
 */
export class DirectLink implements Link {
  isClear = false
  hasSeveralChannels = false
  /** Whether neither side has begun to close. */
  isOpen = true
  protected readonly ws: WebSocket
  protected readonly socket: Duplex

  constructor(ws: WebSocket, socket: Duplex) {
    this.ws = ws
    this.socket = socket
  }

  get bufferedBytes(): number {
    return this.socket.writableLength
  }

  send(frame: EncodedFrame): boolean {
    return !this.isOpen || this.socket.write(wireOf(frame))
  }

  sendAll(frames: readonly EncodedFrame[]): boolean {
    return !this.isOpen || this.socket.write(frameTexts(frames.map(({ text }) => text)))
  }

  onDrain(listener: () => void): void {
    this.socket.on('drain', listener)
  }

  close(code: number, reason: string): void {
    if (!this.isOpen) return
    this.ws.close(code, reason)
    setTimeout(() => this.ws.terminate(), CLOSE_TIMEOUT_MS).unref()
  }

  terminate(): void {
    this.ws.terminate()
  }

  ping(): void {
    if (this.isOpen) this.ws.ping()
  }

  cork(): void {
    this.socket.cork()
  }

  uncork(): void {
    this.socket.uncork()
  }
}

/** For compressed connections: `ws` queues their frames while it deflates, and a direct write would overtake them. */
export class CompressedLink extends DirectLink {
  override get bufferedBytes(): number {
    return this.ws.bufferedAmount
  }

  override send({ text }: EncodedFrame): boolean {
    if (this.isOpen) this.ws.send(text)
    return false
  }

  override sendAll(frames: readonly EncodedFrame[]): boolean {
    for (const frame of frames) this.send(frame)
    return false
  }
}

/** A socket that knows its session, so that its listeners are the same functions for all. */
export class SessionSocket extends WebSocket {
  session: Session | null = null
  link: DirectLink | null = null

  /** `ws` itself calls this too, to answer the peer's close: after a close frame nothing may follow. */
  override close(code?: number, reason?: string | Buffer): void {
    if (this.link) this.link.isOpen = false
    super.close(code, reason)
  }

  override terminate(): void {
    if (this.link) this.link.isOpen = false
    super.terminate()
  }
}

/** Hands what comes in to the session. */
export function bind(ws: SessionSocket, link: DirectLink, session: Session): void {
  ws.link = link
  ws.session = session
  ws.on('message', onMessage)
  ws.on('pong', onPong)
  ws.on('close', onClose)
  // A protocol error; `ws` has answered it with its close code, and the close follows.
  ws.on('error', ignore)
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  const { session } = this as SessionSocket
  if (isBinary) session?.fail('bad_frame', 4400, { message: 'Frames are text.' })
  else session?.receive((data as Buffer).toString('utf8'))
}

function onPong(this: WebSocket): void {
  ;(this as SessionSocket).session?.heard()
}

function onClose(this: WebSocket): void {
  ;(this as SessionSocket).session?.closed()
}

function ignore(): void {}
