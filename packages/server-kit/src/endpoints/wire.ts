/** Server frames of RFC 6455, made once for all sockets: not masked, not fragmented, not compressed. */
import type { EncodedFrame } from '../encoded-frame.ts'

const TEXT_FRAME = 0x81

/** The bytes of a text frame. */
export function wireOf(frame: EncodedFrame): Buffer {
  frame.wire ??= frameTexts([frame.text])
  return frame.wire
}

/** The bytes of several text frames, one after the other. */
export function frameTexts(texts: readonly string[]): Buffer {
  const lengths = texts.map((text) => Buffer.byteLength(text))
  const size = lengths.reduce((sum, length) => sum + headerLength(length) + length, 0)
  const bytes = Buffer.allocUnsafe(size)
  let at = 0
  for (let index = 0; index < texts.length; index++) {
    const length = lengths[index] as number
    at = writeHeader(bytes, at, length)
    at += bytes.write(texts[index] as string, at, length, 'utf8')
  }
  return bytes
}

function headerLength(length: number): number {
  return length < 126 ? 2 : length < 65_536 ? 4 : 10
}

function writeHeader(bytes: Buffer, at: number, length: number): number {
  bytes[at] = TEXT_FRAME
  if (length < 126) {
    bytes[at + 1] = length
    return at + 2
  }
  if (length < 65_536) {
    bytes[at + 1] = 126
    return bytes.writeUInt16BE(length, at + 2)
  }
  bytes[at + 1] = 127
  return bytes.writeBigUInt64BE(BigInt(length), at + 2)
}
