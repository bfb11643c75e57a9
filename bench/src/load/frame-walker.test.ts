import { describe, expect, it } from 'vitest'
import { serverFrame } from '../targets/frame.ts'
import { FrameWalker, maskedFrame, OPCODE } from './frame-walker.ts'

function pingFrame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x80 | OPCODE.ping, text.length]), Buffer.from(text)])
}

/** Feeds a stream in chunks of `size` through one buffer that is used again, as the sockets do. */
function walkInChunks(stream: Buffer, size: number): string[] {
  const seen: string[] = []
  const walker = new FrameWalker((opcode, bytes, start, length) => {
    seen.push(`${opcode} ${bytes.toString('utf8', start, start + length)}`)
  })
  const shared = Buffer.alloc(size)
  for (let at = 0; at < stream.length; at += size) {
    const filled = stream.copy(shared, 0, at, at + size)
    walker.walk(shared, filled)
    shared.fill(0xff)
  }
  return seen
}

describe('FrameWalker', () => {
  const texts = ['', 'a', 'b'.repeat(125), 'c'.repeat(126), 'd'.repeat(65_535), 'e'.repeat(65_536), 'last']
  const stream = Buffer.concat(texts.map((text) => serverFrame(text)))

  it.each([1, 2, 3, 7, 127, 4_096, 65_540, 1_000_000])('finds every frame in chunks of %i bytes', (size) => {
    // Byte by byte through large frames would copy them once a byte.
    const part = size < 100 ? Buffer.concat(texts.slice(0, 4).map((text) => serverFrame(text))) : stream
    const expected = size < 100 ? texts.slice(0, 4) : texts
    expect(walkInChunks(part, size)).toEqual(expected.map((text) => `1 ${text}`))
  })

  it('tells control frames from text', () => {
    const mixed = Buffer.concat([serverFrame('x'), pingFrame('p'), serverFrame('y')])
    expect(walkInChunks(mixed, mixed.length)).toEqual(['1 x', '9 p', '1 y'])
  })

  it('does not report a frame before its last byte', () => {
    expect(walkInChunks(serverFrame('hello').subarray(0, 6), 100)).toEqual([])
  })
})

describe('maskedFrame', () => {
  it.each([
    [0, [0x81, 0x80]],
    [125, [0x81, 0x80 | 125]],
    [126, [0x81, 0xfe, 0, 126]],
    [65_535, [0x81, 0xfe, 0xff, 0xff]],
    [65_536, [0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 0]],
  ])('frames %i bytes as a client must, with a mask of zeros', (length, header) => {
    const text = 'z'.repeat(length)
    expect(maskedFrame(text)).toEqual(
      Buffer.concat([Buffer.from([...header, 0, 0, 0, 0]), Buffer.from(text)]),
    )
  })
})
