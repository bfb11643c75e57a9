import { describe, expect, it } from 'vitest'
import { settled } from '../testing/index.ts'
import type { Publish } from './publish.ts'
import { PublishError } from './publish-error.ts'
import { scene } from './scene.test-kit.ts'

const one = (data: unknown = 1) => [{ data }]

async function failure(publish: Publish): Promise<PublishError> {
  const reason = await publish.then(
    () => null,
    (error: unknown) => error,
  )
  expect(reason).toBeInstanceOf(PublishError)
  return reason as PublishError
}

async function started(settings: Parameters<typeof scene>[0] = {}) {
  const made = scene(settings)
  await made.outbox.start(made.scope)
  return made
}

/** What a promise has come to by now. */
async function stateOf(promise: Promise<unknown>): Promise<'pending' | 'resolved' | 'rejected'> {
  let state: 'pending' | 'resolved' | 'rejected' = 'pending'
  promise.then(
    () => {
      state = 'resolved'
    },
    () => {
      state = 'rejected'
    },
  )
  await settled()
  return state
}

it('R19: resolves on the ack, not on sent', async () => {
  const { outbox, sent, online } = await started()
  online()
  const publish = outbox.publish('a', one(), {})
  await publish.queued
  await settled()
  expect(sent).toHaveLength(1)
  expect(outbox.rows$.value[0]?.state).toBe('sending')
  expect(await stateOf(publish)).toBe('pending')
  sent[0]?.ack({ at: 'x', time: 5, duplicate: true })
  expect(await publish).toEqual({ id: publish.id, offset: 'x', timestamp: 5, duplicate: true })
  expect(outbox.rows$.value).toEqual([])
})

describe('R17: publish while disconnected', () => {
  it('R17: waits in the outbox, and is sent when there is a session', async () => {
    const { outbox, sent, online } = await started()
    const publish = outbox.publish('a', one(), {})
    await publish.queued
    expect(outbox.rows$.value).toMatchObject([{ id: publish.id, channel: 'a', state: 'waiting' }])
    online()
    await settled()
    expect(sent[0]?.command).toEqual({
      type: 'publish',
      channel: 'a',
      messages: [{ id: publish.id, data: 1 }],
    })
    sent[0]?.ack()
    expect((await publish).id).toBe(publish.id)
  })

  it('R17: without an outbox, rejects with disconnected at once', async () => {
    const { outbox, sent } = await started({ enabled: false })
    const { error, outcome, code } = await failure(outbox.publish('a', one(), {}))
    expect([error.code, code, outcome]).toEqual(['disconnected', 'disconnected', 'rejected'])
    expect(sent).toEqual([])
  })
})

describe('N14: order', () => {
  it('N14: first in, first out in a channel with one frame in flight; channels are independent', async () => {
    const { outbox, sent, online } = await started()
    for (const data of [1, 2, 3]) outbox.publish('a', [{ data, id: `a${data}` }], {})
    outbox.publish('b', [{ data: 1, id: 'b1' }], {})
    online()
    outbox.publish('a', [{ data: 4, id: 'a4' }], {})
    await settled()
    expect(sent.flatMap(({ ids }) => ids)).toEqual(['a1', 'b1'])
    for (let at = 0; at < sent.length; at++) {
      sent[at]?.ack()
      await settled()
    }
    expect(sent.flatMap(({ ids }) => ids)).toEqual(['a1', 'b1', 'a2', 'a3', 'a4'])
  })

  it('N14: flushed before new sends on reconnect, with the ids and the age of the first attempt', async () => {
    const { outbox, sent, online, offline, clock } = await started()
    online()
    const first = outbox.publish('a', [{ data: 1, id: 'm1' }], {})
    await settled()
    await clock.advance(1_000)
    offline()
    await clock.advance(2_000)
    outbox.publish('a', [{ data: 2, id: 'm2' }], {})
    online()
    await settled()
    expect(sent[0]?.command.ageMs).toBeUndefined()
    expect(sent[1]?.command).toMatchObject({ messages: [{ id: 'm1' }], ageMs: 3_000 })
    sent[1]?.ack({ duplicate: true })
    expect((await first).duplicate).toBe(true)
    await settled()
    expect(sent[2]?.ids).toEqual(['m2'])
    expect(sent[2]?.command.ageMs).toBeUndefined()
  })

  it('N14: expires after its time to live; rejected if never sent, unknown else, and never sent after that', async () => {
    const { outbox, sent, online, clock } = await started({ ttlMs: 60_000 })
    const never = outbox.publish('a', one(), { ttlMs: 1_000 })
    const rejected = failure(never)
    await clock.advance(1_000)
    expect(await rejected).toMatchObject({ code: 'expired', outcome: 'rejected' })
    online()
    const once = failure(outbox.publish('a', one(), {}))
    await settled()
    expect(sent).toHaveLength(1)
    await clock.advance(60_000)
    expect(await once).toMatchObject({ code: 'expired', outcome: 'unknown' })
    sent[0]?.fail('timeout')
    await clock.advance(60_000)
    expect(sent).toHaveLength(1)
    expect(clock.pending).toBe(0)
  })

  it('N14: volatile is never buffered', async () => {
    const { outbox, sent, online } = await started()
    expect(await failure(outbox.publish('a', one(), { volatile: true }))).toMatchObject({
      code: 'disconnected',
    })
    online()
    expect(sent).toEqual([])
    const now = outbox.publish('a', one(2), { volatile: true })
    expect(sent).toHaveLength(1)
    sent[0]?.ack()
    await now
  })

  it('N14: cancel() takes it back until a socket has it', async () => {
    const { outbox, sent, online, offline } = await started()
    const waiting = outbox.publish('a', one(), {})
    expect(waiting.cancel()).toBe(true)
    expect(waiting.cancel()).toBe(false)
    expect(await failure(waiting)).toMatchObject({ code: 'cancelled', outcome: 'rejected' })
    online()
    expect(sent).toEqual([])
    const sending = outbox.publish('a', one(), {})
    await settled()
    expect(sending.cancel()).toBe(false)
    offline()
    await settled()
    expect(sending.cancel()).toBe(false)
    online()
    await settled()
    sent[1]?.ack()
    await sending
  })
})

describe('N15: every promise settles, and what failed is not sent by itself', () => {
  it('N15: without an outbox, no ack in time is unknown', async () => {
    const { outbox, online, sent, clock } = await started({ enabled: false, ackTimeoutMs: 10_000 })
    online()
    const publish = failure(outbox.publish('a', one(), {}))
    await clock.advance(10_000)
    expect(await publish).toMatchObject({ code: 'timeout', outcome: 'unknown' })
    await clock.advance(100_000)
    expect(sent).toHaveLength(1)
  })

  it('N15: without an outbox, a lost connection is unknown', async () => {
    const { outbox, online, offline, clock } = await started({ enabled: false })
    online()
    const publish = failure(outbox.publish('a', one(), {}))
    offline()
    expect(await publish).toMatchObject({ code: 'network', outcome: 'unknown' })
    expect(clock.pending).toBe(0)
  })

  it.each(['forbidden', 'bad_frame', 'frame_too_large', 'idempotency_conflict', 'conflict'] as const)(
    'N15: %s rejects, is never sent again, and the next row goes on',
    async (code) => {
      const { outbox, online, offline, sent, clock } = await started()
      online()
      const bad = failure(outbox.publish('a', [{ data: 1, id: 'bad' }], {}))
      outbox.publish('a', [{ data: 2, id: 'good' }], {})
      await settled()
      sent[0]?.fail(code)
      expect(await bad).toMatchObject({ code, outcome: 'rejected' })
      await settled()
      sent[1]?.ack()
      await settled()
      offline()
      online()
      await clock.advance(60_000)
      expect(sent.flatMap(({ ids }) => ids)).toEqual(['bad', 'good'])
    },
  )

  it('N15: idempotency_expired is unknown and not sent again', async () => {
    const { outbox, online, sent, clock } = await started()
    online()
    const publish = failure(outbox.publish('a', one(), {}))
    await settled()
    sent[0]?.fail('idempotency_expired')
    expect(await publish).toMatchObject({ code: 'idempotency_expired', outcome: 'unknown' })
    await clock.advance(60_000)
    expect(sent).toHaveLength(1)
  })

  it.each(['rate_limited', 'log_unavailable', 'draining', 'timeout'] as const)(
    'N15: %s keeps the row and its place, and is retried after the wait',
    async (code) => {
      const { outbox, online, sent, clock } = await started()
      online()
      const publish = outbox.publish('a', [{ data: 1, id: 'm1' }], {})
      outbox.publish('a', [{ data: 2, id: 'm2' }], {})
      await settled()
      sent[0]?.fail(code, 5_000)
      await clock.advance(4_999)
      expect(sent).toHaveLength(1)
      await clock.advance(1)
      expect(sent[1]).toMatchObject({ ids: ['m1'], command: { ageMs: 5_000 } })
      sent[1]?.ack()
      await publish
      await settled()
      expect(sent[2]?.ids).toEqual(['m2'])
    },
  )

  it('N15: a full outbox rejects, and queued with it', async () => {
    const { outbox } = await started({ maxItems: 1 })
    const kept = outbox.publish('a', one(), {})
    const refused = outbox.publish('a', one(), {})
    expect(await failure(refused)).toMatchObject({ code: 'outbox_full', outcome: 'rejected' })
    expect(await stateOf(refused.queued)).toBe('rejected')
    kept.cancel()
    await failure(kept)
    const next = outbox.publish('a', one(), {})
    expect(await stateOf(next.queued)).toBe('resolved')
  })

  it('N15: stop() settles everything and leaves no timer', async () => {
    const { outbox, online, sent, clock } = await started()
    online()
    const publishes = ['a', 'a', 'b'].map((channel) => failure(outbox.publish(channel, one(), {})))
    await settled()
    outbox.stop()
    expect((await Promise.all(publishes)).map(({ outcome }) => outcome)).toEqual([
      'unknown',
      'rejected',
      'unknown',
    ])
    expect(clock.pending).toBe(0)
    expect(sent).toHaveLength(2)
  })
})

describe('B7, B8: PublishError and retry', () => {
  it('B7: rejects with { error, action, retry }, and retry() sends under the same id with its age', async () => {
    const { outbox, online, offline, sent, clock } = await started({ enabled: false })
    online()
    const publish = outbox.publish('a', [{ data: { n: 1 }, event: 'e' }], {})
    await clock.advance(400)
    offline()
    const error = await failure(publish)
    expect(error.error.code).toBe('network')
    expect(error.action).toEqual({ channel: 'a', messages: [{ id: publish.id, event: 'e', data: { n: 1 } }] })
    await clock.advance(600)
    online()
    const retried = error.retry()
    expect(retried.id).toBe(publish.id)
    expect(sent[1]?.command).toMatchObject({ messages: [{ id: publish.id, data: { n: 1 } }], ageMs: 1_000 })
    sent[1]?.ack({ duplicate: true })
    expect(await retried).toMatchObject({ id: publish.id, duplicate: true })
  })

  it('B7: what the server rejected is tried again as a first attempt', async () => {
    const { outbox, online, sent, clock } = await started()
    online()
    const publish = outbox.publish('a', one(), {})
    await settled()
    sent[0]?.fail('forbidden')
    const error = await failure(publish)
    await clock.advance(3_600_000)
    const retried = error.retry()
    await settled()
    expect(sent[1]?.ids).toEqual([publish.id])
    expect(sent[1]?.command.ageMs).toBeUndefined()
    sent[1]?.ack()
    await retried
  })

  it('B8: retry() may be called repeatedly: concurrent ones share an attempt, and a success stays', async () => {
    const { outbox, online, sent } = await started({ enabled: false })
    const error = await failure(outbox.publish('a', one(), {}))
    const again = await failure(error.retry())
    expect(again.code).toBe('disconnected')
    online()
    const [first, second] = [error.retry(), again.retry()]
    expect(first).toBe(second)
    expect(sent).toHaveLength(1)
    sent[0]?.ack()
    const result = await first
    expect(await error.retry()).toEqual(result)
    expect(await again.retry()).toEqual(result)
    expect(sent).toHaveLength(1)
  })
})

it('B7: the same id while it waits is one publish; with other data it is a conflict', async () => {
  const { outbox, online, sent } = await started()
  const publishes = [1, 2].map(() => outbox.publish('a', [{ id: 'm', data: 1 }], {}))
  expect(await failure(outbox.publish('a', [{ id: 'm', data: 2 }], {}))).toMatchObject({
    code: 'idempotency_conflict',
  })
  online()
  await settled()
  expect(sent).toHaveLength(1)
  sent[0]?.ack()
  const [first, second] = await Promise.all(publishes)
  expect(first).toEqual(second)
})

it('sends nothing on the session of another identity', async () => {
  const { outbox, online, sent } = scene()
  await outbox.start(JSON.stringify(['default', 'somebody else']))
  const publish = failure(outbox.publish('a', one(), {}))
  online()
  await settled()
  expect(sent).toEqual([])
  outbox.close()
  expect((await publish).code).toBe('cancelled')
})
