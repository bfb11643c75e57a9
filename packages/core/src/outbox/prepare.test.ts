import { expect, it } from 'vitest'
import { encodeFrame, type PublishFrame, publishFrame, RESUME_TERMS } from '../protocol/index.ts'
import { createVirtualClock, settled } from '../testing/index.ts'
import { messageId } from './message-id.ts'
import { limitError } from './prepare.ts'
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
  ['bad_channel', 5 as unknown as string, [{ data: 1 }]],
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

const OFFSET = '0000000000000105_000002bbbbbbbbbbbbb'
const MAC = '.Zk3vQ0x8a1LrT9cW'

it.each([
  '',
  'x'.repeat(65),
  '105',
  OFFSET.slice(1),
  `${OFFSET}.short`,
  `${'9'.repeat(16)}${OFFSET.slice(16)}`,
  null,
  105,
  [OFFSET],
])('N23: ifTop %j is bad_cursor, and nothing is queued', async (ifTop) => {
  const { outbox } = scene()
  const publish = outbox.publish('a', [{ data: 1 }], { ifTop: ifTop as string })
  await expect(publish).rejects.toMatchObject({ code: 'bad_cursor', outcome: 'rejected' })
  await expect(publish.queued).rejects.toMatchObject({ code: 'bad_cursor' })
  expect(outbox.rows$.value).toEqual([])
})

it.each([
  ['id', { id: 5 }],
  ['event', { event: 5 }],
  ['event', { event: 'e'.repeat(201) }],
  ['meta', { meta: null }],
  ['meta', { meta: 'text' }],
  ['meta', { meta: new Date(0) }],
])('N23: %s of another type or length is bad_message: %j', async (_name, wrong) => {
  const publish = scene().outbox.publish('a', [{ data: 1, ...(wrong as object) }], {})
  await expect(publish).rejects.toMatchObject({ code: 'bad_message' })
})

it('N23: every frame that is sent is one of the protocol, with all that a publish can say', async () => {
  const time = createVirtualClock()
  // A clock may count parts of milliseconds.
  const clock = { ...time, now: () => time.now() * 1.001 }
  const { outbox, scope, sent, online, offline } = scene({ clock })
  await outbox.start(scope)
  online()
  const message = { id: '~'.repeat(64), event: 'é'.repeat(200), data: null, meta: {} }
  for (const ifTop of [OFFSET, OFFSET + MAC]) outbox.publish('a', [message], { ifTop }).catch(() => undefined)
  outbox.publish('a', [{ ...message, id: 'other' }], { ifTop: OFFSET + MAC })
  for (let at = 0; at < 3; at++) {
    await settled()
    expect(publishFrame.fault({ id: 1, ...sent[at]?.command })).toBeNull()
    if (at === 0) sent[at]?.ack({ term: OFFSET.slice(17), seq: 105, at: OFFSET + MAC })
    if (at !== 1) continue
    offline()
    await time.advance(100)
    online()
  }
  expect(sent[2]?.command.claims).toEqual([OFFSET + MAC])
  expect(sent[2]?.command.ageMs).toBeGreaterThanOrEqual(100)
})

it('N23: a frame that is longer than the server takes is refused, with the longest that may stand around it', () => {
  const messages = [{ id: 'm1', data: 'x'.repeat(1_000) }]
  const longest: PublishFrame = {
    type: 'publish',
    id: Number.MAX_SAFE_INTEGER,
    client: 1_000,
    channel: 'a',
    messages,
    ifTop: OFFSET + MAC,
    ageMs: Number.MAX_SAFE_INTEGER,
    claims: Array.from({ length: RESUME_TERMS }, () => OFFSET + MAC),
  }
  const limits = { messageBytes: 65_536, batchMessages: 10, channels: 1, commands: 1 }
  const frameBytes = encodeFrame(longest).length - 1
  expect(limitError('a', messages, { ...limits, frameBytes })?.code).toBe('message_too_large')
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

it.each([Number.NaN, -1, 'soon'])('N23: a time to live of %j is bad_message', async (ttlMs) => {
  const publish = scene().outbox.publish('a', [{ data: 1 }], { ttlMs: ttlMs as number })
  await expect(publish).rejects.toMatchObject({ code: 'bad_message' })
})
