import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeClientFrame, decodeServerFrame, encodeFrame } from './codec.ts'

const publish = (data: string): string =>
  `{"type":"publish","id":1,"channel":"c","messages":[{"id":"m","data":${data}}]}`
const messages = (...items: unknown[]): string => JSON.stringify({ type: 'messages', channel: 'c', items })

function faultOf(decoded: ReturnType<typeof decodeClientFrame | typeof decodeServerFrame>): string | null {
  return decoded.ok ? null : decoded.fault
}

describe('a client’s frame', () => {
  it('is told apart by its type', () => {
    const ping = { type: 'ping', id: 3 } as const
    expect(decodeClientFrame(encodeFrame(ping))).toEqual({ ok: true, frame: ping })
    const refused = [
      'null',
      '[]',
      '"ping"',
      '{}',
      '{"type":"welcome","id":0}',
      '{"type":"toString","id":0}',
      '{"type":7}',
    ]
    expect(refused.map((text) => faultOf(decodeClientFrame(text)))).toEqual(
      refused.map(() => 'frame.type is unknown'),
    )
  })

  it('names the field that is wrong', () => {
    const faults = [
      '{"type":"ping"}',
      '{"type":"ping","id":-1}',
      '{"type":"subscribe","id":1,"channels":[{"channel":"a"},{"channel":""}]}',
      '{"type":"publish","id":1,"channel":"c","messages":[{"id":"m"}]}',
      '{"type":"subscribe","id":1,"channels":[{"channel":"a","from":{"last":-1}}]}',
      publish('"not base64"').replace('"data"', '"encoding":"base64","data"'),
    ].map((text) => faultOf(decodeClientFrame(text)))
    expect(faults).toEqual([
      'frame.id is missing',
      'frame.id must be a whole number from 0 to 9007199254740991',
      'frame.channels[1].channel must have 1 to 200 characters',
      'frame.messages[0].data is missing',
      'frame.channels[0].from has none of the allowed forms',
      'frame.messages[0].data must be base64',
    ])
  })

  it('may have fields that this version does not know', () => {
    expect(decodeClientFrame('{"type":"ping","id":1,"later":{"a":1}}').ok).toBe(true)
  })

  it('S8 (codec): __proto__, constructor and prototype, deep nesting, huge numbers and duplicate keys are refused, nothing is polluted', () => {
    const refused = [
      publish('{"__proto__":{"polluted":true}}'),
      publish('{"\\u005f_proto__":{"polluted":true}}'),
      publish('{"constructor":{"prototype":{"polluted":true}}}'),
      publish('{"a":{"prototype":1}}'),
      publish(`${'['.repeat(100_000)}${']'.repeat(100_000)}`),
      publish('{"a":'.repeat(100_000)),
      publish('1e400'),
      publish('12345678901234567890'),
      publish('{"a":1,"a":2}'),
      '{"type":"ping","id":1,"id":2}',
      '{"type":"ping","id":1,"__proto__":{"polluted":true}}',
      '{"type":"__proto__","id":1}',
      '{"type":"constructor","id":1}',
    ]
    expect(refused.filter((text) => decodeClientFrame(text).ok)).toEqual([])
    expect(({} as Record<string, unknown>).polluted).toBe(undefined)
    expect(decodeClientFrame(publish('{"proto":1,"b":[1e20]}')).ok).toBe(true)
  })

  it('S9 (codec): a channel name of 1 MB is refused', () => {
    const text = JSON.stringify({ type: 'subscribe', id: 1, channels: [{ channel: 'a'.repeat(1_048_576) }] })
    expect(faultOf(decodeClientFrame(text))).toBe('frame.channels[0].channel must have 1 to 200 characters')
  })

  it('S13 (codec): a channel name with a control character or a line separator is refused', () => {
    for (const character of ['\n', '\r', '\0', '\u001b', '\u007f', '\u0085', '\u2028', '\u2029']) {
      const text = JSON.stringify({ type: 'unsubscribe', id: 1, channels: [`a${character}b`] })
      expect(faultOf(decodeClientFrame(text))).toBe('frame.channels[0] has the wrong form')
    }
  })
})

describe('a server’s frame', () => {
  it('has its items checked, in messages and in history', () => {
    const faults = [
      [null, ''],
      [{ id: 7, time: 1, data: 1 }, '.id'],
      [{ id: 'm', data: 1 }, '.time'],
      [{ id: 'm', time: 1, sender: 7, data: 1 }, '.sender'],
      [{ id: 'm', time: 1, event: 7, data: 1 }, '.event'],
      [{ id: 'm', time: 1, meta: 7, data: 1 }, '.meta'],
      [{ id: 'm', time: 1, encoding: 'base64', data: 'Zm9' }, '.data'],
      [{ id: 'm', time: 1, encoding: 'hex', data: 'aa' }, '.data'],
      [{ skip: 0 }, '.skip'],
      [{ lost: { term: 't', from: 1 } }, '.lost'],
      [{ lost: null }, '.lost'],
      [{ poison: 7 }, '.poison'],
    ] as const
    for (const [item, fault] of faults) {
      expect(faultOf(decodeServerFrame(messages({ skip: 1 }, item)))).toBe(`items[1]${fault} is malformed`)
      const run = { term: '000001aaaaaaaaaaaaa', seq: 1, items: [item] }
      expect(faultOf(decodeServerFrame(JSON.stringify({ type: 'ok', id: 1, runs: [run] })))).toBe(
        `items[0]${fault} is malformed`,
      )
    }
  })

  it('may hold items of kinds that this version does not know', () => {
    expect(decodeServerFrame(messages({ later: 1 }, {})).ok).toBe(true)
  })

  it('keeps an error code that this version does not know', () => {
    const error = { code: 'of_tomorrow', class: 'new', retryWhen: 'backoff', message: 'm', hint: 'h' }
    expect(decodeServerFrame(JSON.stringify({ type: 'error', id: 1, error }))).toMatchObject({
      frame: { error },
    })
  })

  it('S8 (codec): pollutes nothing, although the strict scan is left to the server', () => {
    const item = '{"id":"m","time":1,"data":{"__proto__":{"polluted":true}}}'
    expect(decodeServerFrame(`{"type":"messages","channel":"c","items":[${item}]}`).ok).toBe(true)
    expect(decodeServerFrame('{"__proto__":{"type":"heartbeat"}}').ok).toBe(false)
    expect(({} as Record<string, unknown>).polluted).toBe(undefined)
  })
})

describe('decoding', () => {
  it('never throws, whatever the text', () => {
    const bracket = fc.constantFrom(...'{}[]",:\\01e-. ')
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.string({ unit: bracket, maxLength: 60 }),
    )
    fc.assert(
      fc.property(text, (text) => {
        for (const decode of [decodeClientFrame, decodeServerFrame])
          expect(typeof decode(text).ok).toBe('boolean')
      }),
      { numRuns: 2_000 },
    )
  })

  it('never throws, however deep or long the text', () => {
    const long = 'a'.repeat(10_000_000)
    const texts = [
      '['.repeat(100_000),
      `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
      `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
      messages(JSON.parse(`${'['.repeat(1_000)}${']'.repeat(1_000)}`)),
      `{"type":"messages","channel":"c","items":[${'['.repeat(100_000)}${']'.repeat(100_000)}]}`,
      publish(`${'['.repeat(100_000)}${']'.repeat(100_000)}`),
      long,
      `"${long}"`,
      `{"type":"${long}"}`,
      publish(`"${long}"`),
      publish(`"${long}"`).replace('"data"', '"encoding":"base64","data"'),
      messages({ id: long, time: 1, data: long, encoding: 'base64' }),
      '1'.repeat(10_000_000),
      '\\'.repeat(10_000_000),
      '"'.repeat(1_000_001),
    ]
    for (const text of texts) {
      for (const decode of [decodeClientFrame, decodeServerFrame])
        expect(typeof decode(text).ok).toBe('boolean')
    }
  })
})
