import { expect, it } from 'vitest'
import { settled } from '../testing/index.ts'
import { messageId } from './message-id.ts'
import type { PublishError } from './publish-error.ts'
import { scene } from './scene.test-kit.ts'

const cycle: unknown[] = []
cycle.push(cycle)
let deep: unknown = 0
for (let depth = 0; depth < 62; depth++) deep = [deep]

it.each([
  ['undefined', undefined],
  ['a function', () => 1],
  ['a function within', { f: () => 1 }],
  ['a symbol', Symbol('s')],
  ['a Map', new Map([[1, 2]])],
  ['a Set within', { set: new Set([1]) }],
  ['a RegExp', /x/],
  ['an Error', new Error('x')],
  ['a Promise', Promise.resolve(1)],
  ['bytes within', { bytes: new Uint8Array([1]) }],
  ['undefined in a list', [undefined]],
  ['a cycle', cycle],
  ['a BigInt', 1n],
  ['NaN', [Number.NaN]],
  ['an unsafe integer', 2 ** 60],
  ['a reserved key', JSON.parse('{"__proto__":1}')],
  ['too deep a value', deep],
])('N23: %s is bad_message, and nothing is queued', async (_name, data) => {
  const { outbox } = scene()
  const publish = outbox.publish('a', [{ data }], {})
  const error: PublishError = await publish.catch((reason) => reason)
  expect(error).toMatchObject({ code: 'bad_message', outcome: 'rejected' })
  await expect(publish.queued).rejects.toBe(error)
  expect(outbox.rows$.value).toEqual([])
})

it.each([
  ['bad_channel', '', [{ data: 1 }]],
  ['bad_channel', 'a\n', [{ data: 1 }]],
  ['bad_channel', 'a\ud800', [{ data: 1 }]],
  ['bad_channel', '\udc00\ud800', [{ data: 1 }]],
  ['bad_channel', '😀'.repeat(101), [{ data: 1 }]],
  ['bad_message', 'a', []],
  ['bad_message', 'a', [{ data: 1, id: 'ä' }]],
  ['bad_message', 'a', [{ data: 1, event: '' }]],
  ['bad_message', 'a', [{ data: 1, meta: [] as unknown as Record<string, unknown> }]],
  ['bad_message', 'a', [1, 2].map(() => ({ data: 1, id: 'same' }))],
  ['batch_too_large', 'a', Array.from({ length: 1_001 }, () => ({ data: 1 }))],
] as const)('N23: %s for %j', async (code, channel, inputs) => {
  await expect(scene().outbox.publish(channel, inputs, {})).rejects.toMatchObject({ code })
})

it('N23: too large for the session is message_too_large, at once or when it is to be sent', async () => {
  const { outbox, scope, sent, online } = scene()
  await outbox.start(scope)
  const waiting = outbox.publish('a', [{ data: 'ä'.repeat(60) }], {})
  const rejected = expect(waiting).rejects.toMatchObject({ code: 'message_too_large', outcome: 'rejected' })
  const next = outbox.publish('a', [{ data: 'x'.repeat(98) }], {})
  online({ messageBytes: 100, batchMessages: 2 })
  await rejected
  await expect(outbox.publish('a', [{ data: 'ä'.repeat(50) }], {})).rejects.toMatchObject({
    code: 'message_too_large',
  })
  const bytes = new Uint8Array(101)
  await expect(outbox.publish('a', [{ data: bytes }], {})).rejects.toMatchObject({
    code: 'message_too_large',
  })
  const batch = [1, 2, 3].map((data) => ({ data }))
  await expect(outbox.publish('a', batch, {})).rejects.toMatchObject({ code: 'batch_too_large' })
  await settled()
  expect(sent).toHaveLength(1)
  sent[0]?.ack()
  await next
})

it('copies the data when it is published, and sends bytes as base64', async () => {
  const { outbox, scope, sent, online } = scene()
  await outbox.start(scope)
  const data = { text: 'before', when: new Date(0) }
  outbox.publish('a', [{ data }, { data: new Uint8Array([1, 2]), event: 'e', meta: { k: 1 } }], {})
  data.text = 'after'
  online()
  await settled()
  expect(sent[0]?.command.messages).toMatchObject([
    { data: { text: 'before', when: '1970-01-01T00:00:00.000Z' } },
    { data: 'AQI=', encoding: 'base64', event: 'e', meta: { k: 1 } },
  ])
})

it('ids are UUIDs of version 7: of the time first, then of chance', () => {
  const clock = { now: () => 0x0199_3c5e_7a10, after: () => ({ clear: () => undefined }) }
  const random = { fraction: () => 0, bytes: (length: number) => new Uint8Array(length).fill(0xff) }
  expect(messageId(clock, random)).toBe('01993c5e-7a10-7fff-bfff-ffffffffffff')
})
