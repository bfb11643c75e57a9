import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeClientFrame, decodeServerFrame, encodeFrame } from './codec.ts'
import type { MessageItem } from './message.ts'
import { dataOf, formatMessageItem, isLostItem, isMessageItem, seqsOf, toWireData } from './message.ts'

const header = fc.record(
  {
    id: fc.string({ minLength: 1, maxLength: 64 }),
    time: fc.maxSafeNat(),
    event: fc.string({ minLength: 1 }),
    sender: fc.string({ minLength: 1 }),
    meta: fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }),
  },
  { requiredKeys: ['id', 'time'] },
)

describe('items', () => {
  it('are written as JSON with the data last and unchanged', () => {
    fc.assert(
      fc.property(header, fc.json(), (header, data) => {
        const text = formatMessageItem(header, data)
        expect(text.endsWith(`,"data":${data}}`)).toBe(true)
        const { event, ...others } = header
        const expected = { ...others, ...(event === undefined || event === 'message' ? {} : { event }) }
        expect(JSON.parse(text)).toEqual(
          JSON.parse(`${JSON.stringify(expected).slice(0, -1)},"data":${data}}`),
        )
      }),
    )
  })

  it('leave out the default event', () => {
    const item = { id: 'a', time: 1, event: 'message' }
    expect(formatMessageItem(item, '1')).toBe('{"id":"a","time":1,"data":1}')
    expect(formatMessageItem({ ...item, event: 'other' }, '1')).toBe(
      '{"id":"a","time":1,"event":"other","data":1}',
    )
  })

  it('say how many seqs they stand for, and what they are', () => {
    const message: MessageItem = { id: 'a', time: 1, data: null }
    const loss = { lost: { term: '000001aaaaaaaaaaaaa', from: 99, to: 100 } }
    expect([message, loss, { skip: 3 }, { poison: 'x' }].map(seqsOf)).toEqual([1, 1, 3, 1])
    expect([message, loss].map(isMessageItem)).toEqual([true, false])
    expect([message, loss].map(isLostItem)).toEqual([false, true])
  })
})

/** What an application publishes, as a subscriber gets it: through both codecs and the stored text. */
function travel(published: unknown): unknown {
  const { data, encoding } = toWireData(published)
  const message = { id: 'm-1', data, ...(encoding === undefined ? {} : { encoding }) }
  const publish = decodeClientFrame(
    encodeFrame({ type: 'publish', id: 1, channel: 'c', messages: [message] }),
  )
  if (!publish.ok || publish.frame.type !== 'publish') throw new Error('no publish frame')
  const { data: received, ...rest } = publish.frame.messages[0] ?? message
  const { meta: _, ...known } = rest as typeof rest & { meta?: unknown }
  const stored = formatMessageItem({ ...known, time: 1 }, JSON.stringify(received))
  const messages = decodeServerFrame(
    `{"type":"messages","channel":"c","term":"000001aaaaaaaaaaaaa","seq":1,"items":[${stored}]}`,
  )
  if (!messages.ok || messages.frame.type !== 'messages') throw new Error('no messages frame')
  return dataOf(messages.frame.items[0] as MessageItem)
}

describe('data', () => {
  it('K1 (codec): bytes in, the same bytes out, from none to 1 MB', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5_000 }), (bytes) => {
        expect(travel(bytes)).toEqual(bytes)
      }),
    )
    for (const size of [0, 1, 2, 3, 0x7fff, 0x8000, 0x8001, 1_048_576]) {
      const bytes = Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8)) % 256)
      expect(Buffer.compare(travel(bytes) as Uint8Array, bytes)).toBe(0)
    }
  })

  it('K1 (codec): takes an ArrayBuffer, and a view of a part of one', () => {
    const { buffer } = Uint8Array.of(1, 2, 3, 4)
    expect(travel(buffer)).toEqual(Uint8Array.of(1, 2, 3, 4))
    expect(travel(new Uint8Array(buffer, 1, 2))).toEqual(Uint8Array.of(2, 3))
  })

  it('leaves JSON as it is, also text that looks like base64', () => {
    for (const data of [null, 0, 'Zm9v', '', [1, 'a'], { a: { b: true } }]) expect(travel(data)).toEqual(data)
  })
})
