/** A server's text frame: header and payload in one buffer, made once and written to every socket. */
export function serverFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const headerSize = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(headerSize + length)
  frame[0] = 0x81
  if (headerSize === 2) frame[1] = length
  else if (headerSize === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.write(text, headerSize)
  return frame
}
