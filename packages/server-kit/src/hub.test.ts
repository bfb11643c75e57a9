import { afterEach, describe, expect, it } from 'vitest'
import { turnOfLoop, until } from './testing/fake-client.ts'
import { endHubs, join, numbers, startHub } from './testing/start-hub.ts'

afterEach(endHubs)

describe('publish and subscribe', () => {
  it('R19: answers a publish when the log has it, and a resend with the first answer', async () => {
    const hub = startHub()
    const [alice, bob] = [await join(hub), await join(hub)]
    await bob.ok({ type: 'subscribe', channels: [{ channel: 'room' }] })
    const ack = await alice.ok({ type: 'publish', channel: 'room', messages: [{ id: 'm1', data: { n: 1 } }] })
    expect(ack).toMatchObject({ seq: 1, time: expect.any(Number) })
    expect(await hub.publish('room', 'message', 0, { ifTop: ack.at as string })).toMatchObject({
      duplicate: false,
    })
    expect(await bob.untilReceived('room', 2)).toEqual([{ n: 1 }, 0])
    const again = await alice.ok({
      type: 'publish',
      channel: 'room',
      ageMs: 5,
      messages: [{ id: 'm1', data: { n: 1 } }],
    })
    expect(again).toMatchObject({ seq: 1, duplicate: true, at: ack.at, time: ack.time })
  })

  it('R7: subscribing twice to one channel on one socket delivers once', async () => {
    const hub = startHub()
    const bob = await join(hub)
    await bob.ok({ type: 'subscribe', channels: [{ channel: 'room' }, { channel: 'room' }] })
    await bob.ok({ type: 'subscribe', channels: [{ channel: 'room' }] })
    await hub.publish('room', 'message', 1)
    await turnOfLoop()
    expect(bob.link.frames.filter(({ type }) => type === 'messages')).toHaveLength(1)
  })

  it('R10: unsubscribe stops that socket alone, and a disconnect cleans up', async () => {
    const hub = startHub()
    const [alice, bob] = [await join(hub), await join(hub)]
    for (const client of [alice, bob]) await client.ok({ type: 'subscribe', channels: [{ channel: 'room' }] })
    await alice.ok({ type: 'unsubscribe', channels: ['room'] })
    await hub.publish('room', 'message', 1)
    expect(await bob.untilReceived('room', 1)).toEqual([1])
    expect(alice.received('room')).toEqual([])
    expect(hub.health()).toMatchObject({ sessions: 2, channels: 1 })
    bob.session.closed()
    expect(hub.health()).toMatchObject({ sessions: 1, channels: 0 })
  })

  it('an unsubscribe overtakes a subscribe that is still being authorized', async () => {
    let allow: (value: boolean) => void = () => undefined
    const hub = startHub({
      channels: { room: { authorize: () => new Promise<boolean>((resolve) => (allow = resolve)) } },
    })
    const bob = await join(hub)
    const pending = bob.ok({ type: 'subscribe', channels: [{ channel: 'room' }] })
    await bob.ok({ type: 'unsubscribe', channels: ['room'] })
    allow(true)
    expect((await pending).channels?.[0]?.error?.code).toBe('not_subscribed')
    expect(hub.health().channels).toBe(0)
  })

  it('K3: a batch is taken whole or not at all, in consecutive places', async () => {
    const hub = startHub({ limits: { messageBytes: 100 } })
    const bob = await join(hub)
    const big = { id: 'b', data: 'x'.repeat(200) }
    const refused = await bob.ask({ type: 'publish', channel: 'room', messages: [{ id: 'a', data: 1 }, big] })
    expect(refused).toMatchObject({ type: 'error', error: { code: 'message_too_large' } })
    const ack = await bob.ok({
      type: 'publish',
      channel: 'room',
      messages: [
        { id: 'a', data: 1 },
        { id: 'c', data: 2 },
      ],
    })
    expect(ack.seq).toBe(1)
    expect((await bob.ok({ type: 'publish', channel: 'room', messages: [{ id: 'd', data: 3 }] })).seq).toBe(3)
  })

  it('refuses what is no JSON, and names that are none, from the server too', async () => {
    const hub = startHub()
    const cycle: Record<string, unknown> = {}
    cycle.self = cycle
    const wrong = [Number.NaN, [undefined], new Map(), { bytes: new Uint8Array(1) }, 2 ** 60]
    for (const data of [cycle, () => 1, 1n, undefined, ...wrong]) {
      await expect(hub.publish('room', 'message', data)).rejects.toMatchObject({ code: 'bad_message' })
    }
    await expect(hub.publish('a\n', 'message', 1)).rejects.toMatchObject({ code: 'bad_channel' })
    await expect(hub.publish('room', 'message', 1, { id: 'a b' })).rejects.toMatchObject({
      code: 'bad_message',
    })
  })

  it('K4: a publish with ifTop is taken only while the channel is there', async () => {
    const hub = startHub()
    const first = await hub.publish('room', 'message', 1)
    await hub.publish('room', 'message', 2)
    const bob = await join(hub)
    const late = await bob.ask({
      type: 'publish',
      channel: 'room',
      ifTop: first.offset as string,
      messages: [{ id: 'x', data: 3 }],
    })
    expect(late).toMatchObject({
      type: 'error',
      error: { code: 'conflict', top: expect.stringContaining('_') },
    })
    const top = late.type === 'error' ? (late.error.top as string) : ''
    await bob.ok({ type: 'publish', channel: 'room', ifTop: top, messages: [{ id: 'x', data: 3 }] })
  })

  it('K8: history pages in both directions, and rewinds by count and time', async () => {
    const hub = startHub()
    for (const n of numbers(1, 10)) await hub.publish('room', 'message', n)
    const bob = await join(hub)
    const newest = await bob.ok({ type: 'history', channel: 'room', limit: 3 })
    expect(newest).toMatchObject({
      hasMore: true,
      runs: [{ seq: 8, items: [{ data: 8 }, { data: 9 }, { data: 10 }] }],
    })
    await bob.ok({ type: 'subscribe', channels: [{ channel: 'room', from: { last: 4 } }] })
    expect(await bob.untilReceived('room', 4)).toEqual([7, 8, 9, 10])
    const carol = await join(hub)
    await carol.ok({ type: 'subscribe', channels: [{ channel: 'room', from: { since: 0 } }] })
    expect(await carol.untilReceived('room', 10)).toEqual(numbers(1, 10))
  })

  it('a page of history lies before an offset or after one: both are refused', async () => {
    const hub = startHub()
    const { offset } = await hub.publish('room', 'message', 1)
    const bob = await join(hub)
    const both = { before: offset as string, after: offset as string }
    expect(await bob.ask({ type: 'history', channel: 'room', ...both })).toMatchObject({
      error: { code: 'bad_cursor' },
    })
  })

  it('an ephemeral channel delivers live without offsets, and a resume is told that nothing is kept', async () => {
    const hub = startHub({ channels: { 'typing:{id}': { durable: false } } })
    const bob = await join(hub)
    const ok = await bob.ok({ type: 'subscribe', channels: [{ channel: 'typing:1' }] })
    expect(ok.channels).toEqual([{ channel: 'typing:1', position: null, recovered: true }])
    expect(await hub.publish('typing:1', 'key', 1)).toMatchObject({ offset: null, duplicate: false })
    expect(await bob.untilReceived('typing:1', 1)).toEqual([1])
    const again = await bob.ok({ type: 'subscribe', channels: [{ channel: 'typing:1', resume: [] }] })
    expect(again.channels?.[0]).toMatchObject({ recovered: false, gap: { reason: 'not-kept' } })
    const from = { after: `${'0'.repeat(15)}1_${'0'.repeat(19)}` }
    const since = await bob.ok({ type: 'subscribe', channels: [{ channel: 'typing:1', from }] })
    expect(since.channels?.[0]).toMatchObject({ recovered: false, gap: { reason: 'not-kept' } })
    expect(await bob.ask({ type: 'history', channel: 'typing:1' })).toMatchObject({
      error: { code: 'not_durable' },
    })
  })

  it('several clients of a session share one live frame, and replays carry their number', async () => {
    const hub = startHub()
    const { offset } = await hub.publish('room', 'message', 0)
    await hub.publish('room', 'message', 1)
    const bob = await join(hub)
    await bob.auth(undefined, 1)
    await bob.ok({ type: 'subscribe', channels: [{ channel: 'room' }] })
    await bob.ok({
      type: 'subscribe',
      client: 1,
      channels: [{ channel: 'room', from: { after: offset as string } }],
    })
    await until(() => bob.link.frames.find((frame) => frame.type === 'messages' && frame.client === 1))
    await hub.publish('room', 'message', 2)
    const live = await until(() =>
      bob.link.frames.find((frame) => frame.type === 'messages' && frame.seq === 3),
    )
    expect(live).not.toHaveProperty('client')
    expect(bob.link.frames.filter((frame) => frame.type === 'messages')).toHaveLength(2)
    await bob.ok({ type: 'detach', client: 1 })
    await hub.publish('room', 'message', 3)
    await until(() => bob.link.frames.find((frame) => frame.type === 'messages' && frame.seq === 4))
  })
})
