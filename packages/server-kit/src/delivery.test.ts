import { createVirtualClock } from '@holdfast/core/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { memoryLog } from './log/memory.ts'
import { turnOfLoop } from './testing/fake-client.ts'
import { observeLog } from './testing/observed-log.ts'
import { endHubs, join, numbers, startHub } from './testing/start-hub.ts'

afterEach(endHubs)

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await turnOfLoop()
}

describe('slow connections', () => {
  it('N24: one that does not read costs bounded memory, is fed from the log, and loses nothing', async () => {
    const clock = createVirtualClock()
    const cap = 100_000
    const hub = startHub({ clock, limits: { bufferedBytes: cap } })
    const [slow, fast] = [await join(hub), await join(hub)]
    for (const client of [slow, fast]) await client.ok({ type: 'subscribe', channels: [{ channel: 'room' }] })
    slow.link.isStopped = true
    const text = 'x'.repeat(5_000)
    for (const n of numbers(1, 400)) {
      await hub.publish('room', 'message', { n, text })
      if (n % 10 === 0) await turnOfLoop()
    }
    await fast.untilReceived('room', 400)
    expect(slow.link.mostBuffered).toBeLessThan(cap + 70_000)
    for (let n = 0; n < 200 && slow.received('room').length < 400; n++) {
      slow.link.drain()
      await turns(5)
    }
    slow.link.isStopped = false
    slow.link.drain()
    await hub.publish('room', 'message', { n: 401, text })
    const got = (await slow.untilReceived('room', 401)) as { n: number }[]
    expect(got.map(({ n }) => n)).toEqual(numbers(1, 401))
    expect(slow.link.mostBuffered).toBeLessThan(cap + 70_000)
  })

  it('N24: what was published during a catch-up arrives, though the connection is full when it is over', async () => {
    const observed = observeLog(memoryLog())
    const hub = startHub({ log: observed.log, limits: { bufferedBytes: 100_000 } })
    const slow = await join(hub)
    for (const n of numbers(1, 6)) await hub.publish('room', 'message', n)
    slow.link.isStopped = true
    observed.afterRead = async () => {
      observed.afterRead = () => undefined
      for (const n of numbers(7, 18)) {
        await hub.publish('room', 'message', n, { meta: { pad: 'x'.repeat(20_000) } })
        await turnOfLoop()
      }
    }
    await slow.ok({ type: 'subscribe', channels: [{ channel: 'room', from: 'earliest' }] })
    await turns(30)
    slow.link.isStopped = false
    for (let n = 0; n < 20; n++) {
      slow.link.drain()
      await turns(3)
    }
    expect(slow.received('room')).toEqual(numbers(1, 18))
  })

  it('N24: one that takes nothing for two minutes is ended', async () => {
    const clock = createVirtualClock()
    const hub = startHub({ clock, limits: { bufferedBytes: 10_000 } })
    const slow = await join(hub)
    await slow.ok({ type: 'subscribe', channels: [{ channel: 'room' }] })
    slow.link.isStopped = true
    for (let n = 0; n < 20; n++) {
      await hub.publish('room', 'message', 'x'.repeat(5_000))
      await turnOfLoop()
    }
    for (let second = 0; second < 124; second++) {
      slow.session.heard()
      await clock.advance(1_000)
    }
    expect(slow.link.closure).toEqual({ code: 4503, reason: 'slow_consumer' })
  })

  it('N24 (ephemeral): drops, and tells it with one gap', async () => {
    const hub = startHub({ limits: { bufferedBytes: 10_000 }, channels: { typing: { durable: false } } })
    const slow = await join(hub)
    await slow.ok({ type: 'subscribe', channels: [{ channel: 'typing' }] })
    slow.link.isStopped = true
    for (let n = 0; n < 20; n++) {
      await hub.publish('typing', 'message', 'x'.repeat(5_000))
      await turnOfLoop()
    }
    slow.link.isStopped = false
    slow.link.drain()
    for (const n of [1, 2]) {
      await hub.publish('typing', 'message', n)
      await turnOfLoop()
    }
    const received = slow.received('typing')
    expect(received.slice(-3)).toEqual([{ gap: 'not-kept' }, 1, 2])
    expect(received.filter((one) => typeof one === 'object')).toHaveLength(1)
  })

  it('N24 (ephemeral): tells each client of a session', async () => {
    const hub = startHub({ limits: { bufferedBytes: 10_000 }, channels: { typing: { durable: false } } })
    const slow = await join(hub)
    await slow.auth(undefined, 1)
    await slow.ok({ type: 'subscribe', channels: [{ channel: 'typing' }] })
    await slow.ok({ type: 'subscribe', client: 1, channels: [{ channel: 'typing' }] })
    slow.link.isStopped = true
    for (let n = 0; n < 3; n++) {
      await hub.publish('typing', 'message', 'x'.repeat(5_000))
      await turnOfLoop()
    }
    slow.link.isStopped = false
    slow.link.drain()
    const before = slow.link.sent.length
    for (const n of [1, 2, 3]) {
      await hub.publish('typing', 'message', n)
      await turns(2)
    }
    const told = slow.link.frames.slice(before).map((frame) => {
      const client = 'client' in frame ? frame.client : undefined
      return frame.type === 'messages'
        ? [client, frame.items.map((item) => 'data' in item && item.data)]
        : [client, 'gap']
    })
    for (const client of [0, 1]) {
      const own = told.filter(([number]) => number === client || number === undefined)
      expect(own.map(([, what]) => what)).toEqual(['gap', [1], [2], [3]])
    }
    expect(told.at(-1)).toEqual([undefined, [3]])
  })

  it('N24 (ephemeral): tells the gap first, also where something else was sent before', async () => {
    const hub = startHub({ limits: { bufferedBytes: 10_000 }, channels: { typing: { durable: false } } })
    const slow = await join(hub)
    await slow.ok({ type: 'subscribe', channels: [{ channel: 'typing' }, { channel: 'room' }] })
    slow.link.isStopped = true
    for (let n = 0; n < 4; n++) {
      await hub.publish('typing', 'message', 'x'.repeat(5_000))
      await turnOfLoop()
    }
    slow.link.isStopped = false
    slow.link.drain()
    await hub.publish('room', 'message', 'between')
    await slow.untilReceived('room', 1)
    await hub.publish('typing', 'message', 1)
    expect((await slow.untilReceived('typing', 4)).slice(2)).toEqual([{ gap: 'not-kept' }, 1])
  })
})

describe('what delivery costs', () => {
  it('N24: a client that asks for much history and reads none of it holds a few pages, and gets all when it reads', async () => {
    const cap = 100_000
    const hub = startHub({ limits: { bufferedBytes: cap } })
    for (const n of numbers(1, 400)) await hub.publish('room', 'message', { n, text: 'x'.repeat(5_000) })
    const slow = await join(hub)
    slow.link.isStopped = true
    const asked = numbers(1, 30).map(() => slow.ask({ type: 'history', channel: 'room', limit: 1_000 }))
    await turns(200)
    expect(slow.link.mostBuffered).toBeLessThan(3 * cap)
    let answered = 0
    for (const one of asked) one.then(() => answered++)
    for (let n = 0; n < 500 && answered < 30; n++) {
      slow.link.drain()
      await turns(5)
    }
    for (const answer of await Promise.all(asked)) {
      expect(answer).toMatchObject({ type: 'ok', hasMore: true })
      const seqs = answer.type === 'ok' ? answer.runs?.map(({ seq, items }) => [seq, items.length]) : []
      expect(seqs).toEqual([[382, 19]])
    }
    expect(slow.link.mostBuffered).toBeLessThan(3 * cap)
    expect(slow.link.closure).toBeNull()
  })

  it('N24: one that catches up on many channels and reads nothing holds no more than on one', async () => {
    const cap = 100_000
    const hub = startHub({ limits: { bufferedBytes: cap } })
    const channels = numbers(1, 60).map((n) => ({ channel: `room${n}`, from: 'earliest' as const }))
    for (const { channel } of channels)
      await hub.publish(channel, 'message', { n: 1, text: 'x'.repeat(20_000) })
    const slow = await join(hub)
    slow.link.isStopped = true
    await slow.ok({ type: 'subscribe', channels })
    await turns(200)
    expect(slow.link.mostBuffered).toBeLessThan(2 * cap)
    for (let n = 0; n < 500 && slow.received('room60').length === 0; n++) {
      slow.link.drain()
      await turns(5)
    }
    expect(channels.map(({ channel }) => slow.received(channel).length)).toEqual(channels.map(() => 1))
    expect(slow.link.mostBuffered).toBeLessThan(2 * cap)
    expect(slow.link.closure).toBeNull()
  })

  it('N24: a message larger than what may wait ends nobody who takes it', async () => {
    const clock = createVirtualClock()
    const hub = startHub({ clock, limits: { bufferedBytes: 1_000, messageBytes: 50_000 } })
    await hub.publish('room', 'message', { n: 1, text: 'x'.repeat(40_000) })
    const client = await join(hub)
    client.link.isStopped = true
    const answer = client.ask({ type: 'history', channel: 'room' })
    await turns(5)
    expect(client.link.bufferedBytes).toBeGreaterThan(40_000)
    client.link.drain()
    expect(await answer).toMatchObject({ type: 'ok' })
    await clock.advance(10_000)
    expect(client.link.closure).toBeNull()
  })

  it('holds the writes of a tick back for those on several channels, and for nobody else', async () => {
    const hub = startHub()
    const [both, one, other] = [await join(hub), await join(hub), await join(hub)]
    await both.ok({ type: 'subscribe', channels: [{ channel: 'a' }, { channel: 'b' }] })
    await one.ok({ type: 'subscribe', channels: [{ channel: 'a' }] })
    await other.ok({ type: 'subscribe', channels: [{ channel: 'b' }] })
    for (const n of [1, 2]) {
      await Promise.all([hub.publish('a', 'message', n), hub.publish('b', 'message', n)])
      await both.untilReceived('b', n)
    }
    expect([both.link.corks, one.link.corks]).toEqual([2, 0])
    await both.ok({ type: 'unsubscribe', channels: ['b'] })
    await Promise.all([hub.publish('a', 'message', 3), hub.publish('b', 'message', 3)])
    await both.untilReceived('a', 3)
    expect(both.link.corks).toBe(2)
  })

  it('encodes a publish once and writes once a subscriber, however many messages came in the tick', async () => {
    const hub = startHub()
    const clients = await Promise.all(numbers(1, 100).map(() => join(hub)))
    for (const client of clients) await client.ok({ type: 'subscribe', channels: [{ channel: 'room' }] })
    const before = clients.map(({ link }) => link.sent.length)
    await Promise.all(numbers(1, 64).map((n) => hub.publish('room', 'message', n)))
    for (const client of clients) await client.untilReceived('room', 64)
    const frames = new Set(clients.flatMap(({ link }, at) => link.sent.slice(before[at])))
    expect(frames.size).toBe(1)
    expect(clients.map(({ link }, at) => link.sent.length - (before[at] as number))).toEqual(
      clients.map(() => 1),
    )
  })

  it('reads the log once for 100 clients that catch up from one position', async () => {
    const observed = observeLog(memoryLog())
    const hub = startHub({ log: observed.log })
    const { offset } = await hub.publish('room', 'message', 0)
    for (const n of numbers(1, 100)) await hub.publish('room', 'message', n)
    const clients = await Promise.all(numbers(1, 100).map(() => join(hub)))
    const resume = [offset as string]
    await Promise.all(
      clients.map((client) => client.ok({ type: 'subscribe', channels: [{ channel: 'room', resume }] })),
    )
    for (const client of clients) expect(await client.untilReceived('room', 100)).toEqual(numbers(1, 100))
    expect(observed.calls).toMatchObject({ read: 1, head: 1 })
    const pages = new Set(
      clients.flatMap(({ link }) => link.sent.filter(({ text }) => text.startsWith('{"type":"messages"'))),
    )
    expect(pages.size).toBe(1)
  })

  it('runs a bounded number of catch-up reads at once', async () => {
    const observed = observeLog(memoryLog())
    const hub = startHub({ log: observed.log, limits: { replays: 4 } })
    const offsets: string[] = []
    for (const n of numbers(1, 50)) offsets.push((await hub.publish('room', 'message', n)).offset as string)
    let running = 0
    let most = 0
    observed.meanwhile = async () => {
      most = Math.max(most, ++running)
      await turns(2)
      running--
    }
    const clients = await Promise.all(offsets.map(() => join(hub)))
    await Promise.all(
      clients.map((client, at) =>
        client.ok({ type: 'subscribe', channels: [{ channel: 'room', resume: [offsets[at] as string] }] }),
      ),
    )
    expect(most).toBe(4)
  })
})
