/** A WebSocket client over a bare socket: a handshake, frames out, and a walk over the headers of what comes in. */
import { connect, type Socket } from 'node:net'
import { FrameWalker, maskedFrame, type OnFrame, OPCODE } from './frame-walker.ts'

/** One buffer for all sockets of the process: what is read is counted at once and kept nowhere. */
const shared = Buffer.allocUnsafe(256 * 1024)
const HEAD_END = '\r\n\r\n'

export interface RawClientOptions {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly subprotocol: string | null
  readonly onOpen: () => void
  /** A text frame; the payload is valid during the call only. */
  readonly onText: (bytes: Buffer, start: number, length: number) => void
  /** The socket ended, or the server refused. */
  readonly onEnd: (why: string) => void
}

export class RawClient {
  readonly #options: RawClientOptions
  readonly #socket: Socket
  readonly #walker: FrameWalker
  /** What came of the answer to the handshake; null once it is complete. */
  #head: Buffer | null = Buffer.alloc(0)

  constructor(options: RawClientOptions) {
    this.#options = options
    this.#walker = new FrameWalker(this.#onFrame)
    const { host, port } = options
    const callback = (size: number, bytes: Uint8Array): boolean => {
      this.#read(bytes as Buffer, size)
      return true
    }
    this.#socket = connect({ host, port, noDelay: true, onread: { buffer: shared, callback } })
    this.#socket.on('connect', () => this.#socket.write(handshake(options)))
    this.#socket.on('error', (error) => options.onEnd(error.message))
    this.#socket.on('close', () => options.onEnd('the socket was closed'))
  }

  sendText(text: string): void {
    this.#socket.write(maskedFrame(text))
  }

  /** Writes frames that are masked already. */
  write(frames: Buffer): void {
    this.#socket.write(frames)
  }

  #read(bytes: Buffer, size: number): void {
    if (!this.#head) {
      this.#walker.walk(bytes, size)
      return
    }
    const head = Buffer.concat([this.#head, bytes.subarray(0, size)])
    const end = head.indexOf(HEAD_END)
    if (end < 0) {
      this.#head = head
      return
    }
    this.#head = null
    if (!head.toString('latin1', 0, 12).endsWith(' 101')) {
      this.#options.onEnd(`the server answered ${head.toString('latin1', 0, head.indexOf('\r'))}`)
      return
    }
    this.#options.onOpen()
    const rest = head.subarray(end + HEAD_END.length)
    if (rest.length > 0) this.#walker.walk(rest, rest.length)
  }

  readonly #onFrame: OnFrame = (opcode, bytes, start, length) => {
    if (opcode === OPCODE.text) this.#options.onText(bytes, start, length)
    else if (opcode === OPCODE.ping) {
      this.write(maskedFrame(Buffer.from(bytes.subarray(start, start + length)), OPCODE.pong))
    } else if (opcode === OPCODE.close) {
      const code = length < 2 ? 1005 : bytes.readUInt16BE(start)
      this.#options.onEnd(`the server closed: ${code} ${bytes.toString('utf8', start + 2, start + length)}`)
    }
  }
}

function handshake({ host, port, path, subprotocol }: RawClientOptions): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}:${port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${Buffer.from('a constant nonce').toString('base64')}`,
    'Sec-WebSocket-Version: 13',
  ]
  if (subprotocol) lines.push(`Sec-WebSocket-Protocol: ${subprotocol}`)
  return lines.join('\r\n') + HEAD_END
}
