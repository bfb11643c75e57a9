import { describe, expect, it } from 'vitest'
import { formatOffset, type OkFrame, parseOffset } from '../protocol/index.ts'
import { settled } from '../testing/index.ts'
import type { Publish } from './publish.ts'
import { PublishError } from './publish-error.ts'
import { scene } from './scene.test-kit.ts'

const TERM = '000001aaaaaaaaaaaaa'
const plain = (seq: number, term = 1): string => formatOffset({ seq, term: TERM.replace('1', `${term}`) })
const signed = (seq: number, term = 1): string => `${plain(seq, term)}.${`${term}x${seq}`.padEnd(16, '-')}`

/** What an `ok` says of a publish that stands at a signed offset. */
const placed = (at: string): Partial<OkFrame> => {
  const { term = '', seq = 0 } = parseOffset(at) ?? {}
  return { at, term, seq }
}

const one = (data: unknown = 1) => [{ data }]

const ids = (sent: readonly { ids: readonly string[] }[]): string[] => sent.flatMap((each) => each.ids)

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
  sent[0]?.ack({ at: signed(3), time: 5, duplicate: true })
  expect(await publish).toEqual({ id: publish.id, offset: plain(3), timestamp: 5, duplicate: true })
  expect(outbox.rows$.value).toEqual([])
})

it('the offset of a batch is that of its last message, and null on an ephemeral channel', async () => {
  const { outbox, sent, online } = await started()
  online()
  const publishes = [outbox.publish('a', [{ data: 1 }, { data: 2 }], {}), outbox.publish('b', one(), {})]
  await settled()
  sent[0]?.ack({ term: TERM, seq: 3, at: signed(4) })
  sent[1]?.ack({ at: null })
  expect((await Promise.all(publishes)).map(({ offset }) => offset)).toEqual([plain(4), null])
})

describe('claims: what was acknowledged, so that a log that lost it can notice', () => {
  /** Publishes one message on `channel`, has it acknowledged as standing `at`, and answers what it claimed. */
  async function claims(
    { outbox, sent }: Awaited<ReturnType<typeof started>>,
    at: string | null,
    channel = 'a',
    options = {},
  ): Promise<readonly string[] | undefined> {
    outbox.publish(channel, one(), options)
    await settled()
    const last = sent.at(-1)
    last?.ack(at === null ? { at } : placed(at))
    await settled()
    return last?.command.claims
  }

  it('go with the first publish on the channel of each session, however it is sent', async () => {
    const made = await started()
    const { online, offline } = made
    online()
    expect(await claims(made, signed(1))).toBeUndefined()
    expect(await claims(made, signed(2))).toBeUndefined()
    offline()
    online()
    expect(await claims(made, signed(3), 'other')).toBeUndefined()
    expect(await claims(made, signed(3))).toEqual([signed(2)])
    expect(await claims(made, signed(4))).toBeUndefined()
    offline()
    online()
    expect(await claims(made, signed(5), 'a', { volatile: true })).toEqual([signed(4)])
    expect(await claims(made, signed(6))).toBeUndefined()
  })

  it('go with the next one too until one is acknowledged: a refused publish may not have reached the log', async () => {
    const made = await started()
    const { outbox, sent, online, offline } = made
    online()
    await claims(made, signed(1))
    offline()
    online()
    const refused = failure(outbox.publish('a', one(), {}))
    await settled()
    expect(sent.at(-1)?.command.claims).toEqual([signed(1)])
    sent.at(-1)?.fail('forbidden')
    await refused
    expect(await claims(made, signed(2))).toEqual([signed(1)])
  })

  it('name the highest of each term, of the last four terms, and nothing of an ephemeral channel', async () => {
    const made = await started()
    const { online, offline } = made
    online()
    for (let term = 1; term <= 5; term++) await claims(made, signed(term + 10, term))
    await claims(made, signed(20, 2))
    await claims(made, signed(19, 2))
    await claims(made, null, 'ephemeral')
    offline()
    online()
    expect(await claims(made, null, 'ephemeral')).toBeUndefined()
    expect(await claims(made, signed(30, 5))).toEqual([
      signed(13, 3),
      signed(14, 4),
      signed(15, 5),
      signed(20, 2),
    ])
  })

  it('name the highest, in whichever order those in flight together are acknowledged', async () => {
    const made = await started()
    const { outbox, sent, online, offline } = made
    online()
    for (const data of [1, 2]) outbox.publish('a', one(data), { volatile: true })
    sent[1]?.ack(placed(signed(2)))
    await settled()
    sent[0]?.ack(placed(signed(1)))
    await settled()
    offline()
    online()
    expect(await claims(made, signed(3))).toEqual([signed(2)])
  })

  it('are not made of what another identity was told', async () => {
    const made = await started()
    const { outbox, online, offline, scope } = made
    online()
    await claims(made, signed(1))
    outbox.stop()
    offline()
    await outbox.start(scope)
    online()
    expect(await claims(made, signed(2))).toBeUndefined()
  })
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

  it('L6: a clock that was set back says nothing of the age: the server must not take it for a new one', async () => {
    const { outbox, sent, online, offline, clock } = await started()
    online()
    const published = outbox.publish('a', [{ data: 1, id: 'm1' }], {})
    await settled()
    offline()
    clock.setWall(clock.now() - 40 * 60_000)
    online()
    await settled()
    expect(sent[1]?.command.ageMs).toBe(Number.MAX_SAFE_INTEGER)
    sent[1]?.ack()
    await published
    outbox.publish('a', [{ data: 2, id: 'm2' }], {})
    await settled()
    offline()
    clock.setWall(clock.now() - 30)
    online()
    await settled()
    expect(sent[3]?.command.ageMs).toBe(0)
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

  it.each(['internal', 'rate_limited', 'log_unavailable', 'draining'] as const)(
    'N14: cancel() takes it back between attempts that %s says stored nothing',
    async (code) => {
      const { outbox, sent, online, clock } = await started()
      online()
      const blocking = outbox.publish('a', [{ data: 1, id: 'm1' }], {})
      outbox.publish('a', [{ data: 2, id: 'm2' }], {})
      for (let attempt = 0; attempt < 3; attempt++) {
        await settled()
        expect(blocking.cancel()).toBe(false)
        sent[attempt]?.fail(code)
        await settled()
        if (attempt < 2) await clock.advance(clock.nextIn ?? 0)
      }
      expect(outbox.rows$.value.map(({ state }) => state)).toEqual(['waiting', 'waiting'])
      expect(blocking.cancel()).toBe(true)
      expect(await failure(blocking)).toMatchObject({ code: 'cancelled', outcome: 'rejected' })
      await clock.advance(20_000)
      expect(ids(sent)).toEqual(['m1', 'm1', 'm1', 'm2'])
    },
  )

  it.each(['network', 'timeout'] as const)(
    'N14: cancel() is refused once an attempt ended in %s, whatever is answered to the next',
    async (code) => {
      const { outbox, sent, online, offline, clock } = await started()
      online()
      const publish = outbox.publish('a', one(), { ttlMs: 60_000 })
      await settled()
      if (code === 'network') offline()
      else sent[0]?.fail(code)
      await settled()
      expect(publish.cancel()).toBe(false)
      online()
      await clock.advance(5_000)
      sent[1]?.fail('internal')
      await settled()
      expect(outbox.rows$.value.map(({ state }) => state)).toEqual(['waiting'])
      expect(publish.cancel()).toBe(false)
      await clock.advance(20_000)
      expect(sent[2]?.command.ageMs).toBeGreaterThanOrEqual(5_000)
      sent[2]?.fail('internal')
      const expired = failure(publish)
      await clock.advance(60_000)
      expect(await expired).toMatchObject({ code: 'expired', outcome: 'unknown' })
    },
  )

  it('N14: a row that no attempt can have stored expires as rejected', async () => {
    const { outbox, sent, online, clock } = await started({ ttlMs: 1_000 })
    online()
    const publish = failure(outbox.publish('a', one(), {}))
    await settled()
    sent[0]?.fail('log_unavailable', 10_000)
    await clock.advance(1_000)
    expect(await publish).toMatchObject({ code: 'expired', outcome: 'rejected' })
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

  it.each([
    ['forbidden', 'rejected'],
    ['idempotency_conflict', 'rejected'],
    ['conflict', 'rejected'],
    // The session was closed, over this frame or over another one.
    ['bad_frame', 'unknown'],
    ['frame_too_large', 'unknown'],
  ] as const)('N15: %s is %s, is never sent again, and the next row goes on', async (code, outcome) => {
    const { outbox, online, offline, sent, clock } = await started()
    online()
    const bad = failure(outbox.publish('a', [{ data: 1, id: 'bad' }], {}))
    outbox.publish('a', [{ data: 2, id: 'good' }], {})
    await settled()
    sent[0]?.fail(code)
    expect(await bad).toMatchObject({ code, outcome })
    await settled()
    sent[1]?.ack()
    await settled()
    offline()
    online()
    await clock.advance(60_000)
    expect(sent.flatMap(({ ids }) => ids)).toEqual(['bad', 'good'])
  })

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

  it.each([
    ['rate_limited', undefined],
    ['log_unavailable', undefined],
    ['draining', undefined],
    ['internal', undefined],
    ['timeout', 5_000],
  ] as const)(
    'N15: %s keeps the row and its place, and is retried after the wait, with its age where it may be stored',
    async (code, ageMs) => {
      const { outbox, online, sent, clock } = await started()
      online()
      const publish = outbox.publish('a', [{ data: 1, id: 'm1' }], {})
      outbox.publish('a', [{ data: 2, id: 'm2' }], {})
      await settled()
      sent[0]?.fail(code, 5_000)
      await clock.advance(4_999)
      expect(sent).toHaveLength(1)
      await clock.advance(1)
      expect(sent[1]?.ids).toEqual(['m1'])
      expect(sent[1]?.command.ageMs).toBe(ageMs)
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

  it('B7: an error after an attempt of unknown outcome leaves it unknown, and the next tells its age', async () => {
    const { outbox, online, offline, sent, clock } = await started({ enabled: false })
    online()
    const publish = outbox.publish('a', one(), {})
    await settled()
    offline()
    const lost = await failure(publish)
    online()
    const retried = lost.retry()
    sent[1]?.fail('rate_limited')
    const limited = await failure(retried)
    expect(limited).toMatchObject({ code: 'rate_limited', outcome: 'unknown' })
    await clock.advance(700)
    limited.retry().catch(() => undefined)
    expect(sent[2]?.command.ageMs).toBe(700)
    const first = failure(outbox.publish('a', one(), {}))
    sent[3]?.fail('rate_limited')
    expect(await first).toMatchObject({ code: 'rate_limited', outcome: 'rejected' })
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
