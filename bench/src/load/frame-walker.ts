/**
 * Finds the frames in a server's byte stream. It looks at headers only: the load generator must cost less than the
 * server that it measures.
 */

export const OPCODE = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

/** Called for every complete frame. The payload is valid during the call only. */
export type OnFrame = (opcode: number, bytes: Buffer, start: number, length: number) => void

export class FrameWalker {
  readonly #onFrame: OnFrame
  /** A frame that has not arrived completely. */
  #rest: Buffer | null = null

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame
  }

  /** Takes the next bytes of the stream: `chunk` up to `size`. The chunk may be overwritten afterwards. */
  walk(chunk: Buffer, size: number): void {
    const bytes = this.#rest ? Buffer.concat([this.#rest, chunk.subarray(0, size)]) : chunk
    const end = this.#rest ? bytes.length : size
    this.#rest = null
    let at = 0
    while (at < end) {
      const headerSize = readHeaderSize(bytes, at, end)
      if (at + headerSize > end) break
      const length = readLength(bytes, at)
      const start = at + headerSize
      if (start + length > end) break
      at = start + length
      this.#onFrame((bytes[start - headerSize] as number) & 15, bytes, start, length)
    }
    if (at < end) this.#rest = Buffer.from(bytes.subarray(at, end))
  }
}

/** Servers do not mask. Infinity while too little is there to tell. */
function readHeaderSize(bytes: Buffer, at: number, end: number): number {
  if (end - at < 2) return Number.POSITIVE_INFINITY
  const short = (bytes[at + 1] as number) & 127
  return short < 126 ? 2 : short === 126 ? 4 : 10
}

function readLength(bytes: Buffer, at: number): number {
  const short = (bytes[at + 1] as number) & 127
  if (short < 126) return short
  return short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
}

/**
 * A client's frame. Its mask is zero, which the protocol allows and which leaves the payload readable, so that a
 * template can be filled in place; the server's work to unmask it is the same.
 */
export function maskedFrame(payload: Buffer | string, opcode: number = OPCODE.text): Buffer {
  const body = typeof payload === 'string' ? Buffer.from(payload) : payload
  const { length } = body
  const headerSize = length < 126 ? 6 : length < 65_536 ? 8 : 14
  const frame = Buffer.alloc(headerSize + length)
  frame[0] = 0x80 | opcode
  if (headerSize === 6) frame[1] = 0x80 | length
  else if (headerSize === 8) {
    frame[1] = 0x80 | 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 0x80 | 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  body.copy(frame, headerSize)
  return frame
}
