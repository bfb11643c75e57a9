import { afterEach, describe, expect, it } from 'vitest'
import { HubError } from './errors.ts'
import type { HubEvent } from './events.ts'
import { memoryLog } from './log/memory.ts'
import { turnOfLoop } from './testing/fake-client.ts'
import { observeLog } from './testing/observed-log.ts'
import { endHubs, join, startHub } from './testing/start-hub.ts'

afterEach(endHubs)

describe('hooks and events', () => {
  it('R12: hooks allow, deny and transform subscribes, publishes and outgoing messages', async () => {
    const hub = startHub({
      open: false,
      authenticate: ({ token }) => (token === undefined ? undefined : { id: token }),
      channels: {
        'room:{id}': {
          authorize: ({ identity, params }) => params.id !== 'secret' || identity.id === 'root',
          onSubscribe: ({ from }) => (from === 'now' ? { from: 'earliest' } : true),
          onPublish: async ({ data, sender }) => {
            if (data === 'spam') return false
            if (data === 'full') throw new HubError('channel_closed')
            return data === 'shout' ? { data: `${sender} shouts`, meta: { loud: true } } : undefined
          },
          onMessage: ({ data }) => (data === 'drop' ? null : data === 'mask' ? { data: '***' } : undefined),
          onMessageFor: ({ data }, { identity }) =>
            data === 'private' && identity.id !== 'root' ? null : undefined,
        },
      },
    })
    const [root, bob] = [await join(hub, 'root'), await join(hub, 'bob')]
    const publish = (id: string, data: unknown) =>
      bob.ask({ type: 'publish', channel: 'room:1', messages: [{ id, data }] })
    await publish('1', 'first')
    for (const client of [root, bob])
      await client.ok({ type: 'subscribe', channels: [{ channel: 'room:1' }] })
    expect(await publish('2', 'spam')).toMatchObject({ error: { code: 'forbidden' } })
    expect(await publish('3', 'full')).toMatchObject({ error: { code: 'channel_closed' } })
    for (const [at, data] of ['shout', 'drop', 'mask', 'private'].entries()) await publish(`m${at}`, data)
    expect(await root.untilReceived('room:1', 5)).toEqual([
      'first',
      'bob shouts',
      { skip: 1 },
      '***',
      'private',
    ])
    expect(await bob.untilReceived('room:1', 5)).toEqual([
      'first',
      'bob shouts',
      { skip: 1 },
      '***',
      { skip: 1 },
    ])
    const seen = await bob.ok({ type: 'history', channel: 'room:1', limit: 1 })
    expect(seen.runs?.[0]?.items).toEqual([{ skip: 1 }])
    const denied = await bob.ok({
      type: 'subscribe',
      channels: [{ channel: 'room:secret' }, { channel: 'other' }],
    })
    expect(denied.channels?.map(({ error }) => error?.code)).toEqual(['forbidden', 'unknown_channel'])
  })

  it('R12: publishes keep their order while a hook of an earlier one is awaited', async () => {
    const hub = startHub({
      channels: {
        room: {
          onPublish: async ({ data }) => {
            for (let n = 0; n < Number(data); n++) await turnOfLoop()
          },
        },
      },
    })
    const bob = await join(hub)
    const acks = await Promise.all(
      [9, 0, 4, 1].map((data, at) =>
        bob.ok({ type: 'publish', channel: 'room', messages: [{ id: `m${at}`, data }] }),
      ),
    )
    expect(acks.map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
  })

  it('R12: a hook whose answer is none harms nobody: a publish is refused, an outgoing message withheld', async () => {
    let answer: unknown
    const hub = startHub({
      channels: {
        in: { onPublish: () => answer as undefined },
        out: { onMessage: () => answer as undefined },
        each: { onMessageFor: () => answer as undefined },
      },
    })
    const bob = await join(hub)
    for (const channel of ['in', 'out', 'each']) await bob.ok({ type: 'subscribe', channels: [{ channel }] })
    const circle: Record<string, unknown> = {}
    circle.self = circle
    const nonsense: unknown[] = [
      { event: 123 },
      { event: '' },
      { meta: 'x' },
      { data: 1n },
      { data: () => 1 },
      { data: circle },
      'text',
      7,
      Promise.resolve({ data: 'late' }),
    ]
    for (const [at, one] of nonsense.entries()) {
      answer = one
      await hub.publish('out', 'message', 'secret')
      await hub.publish('each', 'message', 'secret')
      expect(await bob.untilReceived('out', at + 1)).toEqual(Array(at + 1).fill({ skip: 1 }))
      expect(await bob.untilReceived('each', at + 1)).toEqual(Array(at + 1).fill({ skip: 1 }))
      if (one instanceof Promise) continue
      const message = { id: `m${at}`, data: 'x' }
      expect(await bob.ask({ type: 'publish', channel: 'in', messages: [message] })).toMatchObject({
        error: { code: 'internal' },
      })
    }
    answer = null
    const message = { id: 'last', data: 'x' }
    expect(await bob.ask({ type: 'publish', channel: 'in', messages: [message] })).toMatchObject({
      error: { code: 'internal' },
    })
    expect(bob.received('in')).toEqual([])
  })

  it('R12: onMessageFor sees what is published while a subscription catches up', async () => {
    const observed = observeLog(memoryLog())
    const hub = startHub({
      log: observed.log,
      authenticate: ({ token }) => (token === undefined ? undefined : { id: token }),
      channels: {
        room: {
          authorize: () => true,
          onMessageFor: ({ data }, { identity }) => (data === identity.id ? undefined : null),
        },
      },
    })
    await hub.publish('room', 'message', 'bob')
    for (const from of ['now', 'earliest'] as const) {
      const bob = await join(hub, 'bob')
      observed.afterRead = async () => {
        observed.afterRead = () => undefined
        await hub.publish('room', 'message', 'alice')
        await turnOfLoop()
      }
      const subscribed = bob.ok({ type: 'subscribe', channels: [{ channel: 'room', from }] })
      await hub.publish('room', 'message', 'alice')
      await subscribed
      await hub.publish('room', 'message', 'bob')
      const until = (data: unknown[]): boolean => data.at(-1) === 'bob' && data.length > 1
      while (!until([undefined, ...bob.received('room')])) await turnOfLoop()
      expect(bob.received('room')).not.toContain('alice')
      bob.session.closed()
    }
  })

  it('R12: onSubscribe moves where a subscription begins, but not where a resume goes on', async () => {
    const hub = startHub({ channels: { room: { onSubscribe: () => ({ from: { last: 1 } }) } } })
    const offsets: string[] = []
    for (const n of [1, 2, 3, 4]) offsets.push((await hub.publish('room', 'message', n)).offset as string)
    const [fresh, back] = [await join(hub), await join(hub)]
    await fresh.ok({ type: 'subscribe', channels: [{ channel: 'room' }] })
    await back.ok({ type: 'subscribe', channels: [{ channel: 'room', resume: [offsets[0] as string] }] })
    expect(await fresh.untilReceived('room', 1)).toEqual([4])
    expect(await back.untilReceived('room', 3)).toEqual([2, 3, 4])
  })

  it('a resend is answered like the first try, even if the grant has gone', async () => {
    let isAllowed = true
    const hub = startHub({ channels: { room: { authorize: () => isAllowed } } })
    const bob = await join(hub)
    const frame = { type: 'publish', channel: 'room', messages: [{ id: 'm', data: 1 }] } as const
    const ack = await bob.ok(frame)
    isAllowed = false
    expect(await bob.ok({ ...frame, ageMs: 10 })).toMatchObject({ duplicate: true, at: ack.at })
    const other = { ...frame, messages: [{ id: 'n', data: 1 }] }
    expect(await bob.ask({ ...other, ageMs: 10 })).toMatchObject({ error: { code: 'forbidden' } })
    const changed = { ...frame, messages: [{ id: 'm', data: 2 }], ageMs: 10 }
    expect(await bob.ask(changed)).toMatchObject({ error: { code: 'idempotency_conflict' } })
  })

  it('R22: tells of as many unsubscribes as subscribes, whatever order they come in', async () => {
    let allow: (isAllowed: boolean) => void = () => undefined
    const hub = startHub({
      channels: {
        room: {},
        slow: { authorize: () => new Promise<boolean>((resolve) => (allow = resolve)) },
      },
    })
    const told: string[] = []
    for (const event of ['subscribe', 'unsubscribe'] as const)
      hub.on(event, ({ channel }) => told.push(`${event} ${channel}`))
    const bob = await join(hub)
    await bob.ok({ type: 'subscribe', channels: [{ channel: 'room' }] })
    await bob.ok({ type: 'subscribe', channels: [{ channel: 'room' }] })
    await bob.ok({ type: 'unsubscribe', channels: ['room'] })
    await bob.ok({ type: 'unsubscribe', channels: ['room'] })
    expect(told.splice(0)).toEqual([
      'subscribe room',
      'unsubscribe room',
      'subscribe room',
      'unsubscribe room',
    ])
    const late = bob.ok({ type: 'subscribe', channels: [{ channel: 'slow' }] })
    await bob.ok({ type: 'unsubscribe', channels: ['slow'] })
    allow(true)
    await late
    expect(told).toEqual([])
  })

  it('an authorize that answers neither yes nor no allows nothing', async () => {
    for (const answer of ['false', 'true', {}, [], 1, undefined, null, false]) {
      const hub = startHub({ channels: { room: { authorize: () => answer as boolean } } })
      const bob = await join(hub)
      const isTyped = answer === undefined || answer === null || answer === false
      const code = isTyped ? 'forbidden' : 'internal'
      const { channels } = await bob.ok({ type: 'subscribe', channels: [{ channel: 'room' }] })
      expect(channels?.[0]?.error?.code).toBe(code)
      const message = { id: 'm', data: 1 }
      const refused = { type: 'error', error: { code } }
      expect(await bob.ask({ type: 'publish', channel: 'room', messages: [message] })).toMatchObject(refused)
      expect(await bob.ask({ type: 'history', channel: 'room' })).toMatchObject(refused)
    }
  })

  it('an onSubscribe that answers nonsense lets nobody in', async () => {
    for (const answer of [{ from: { last: 2.5 } }, { from: { after: 7 } }, {}, 'earliest', 1]) {
      const hub = startHub({ channels: { room: { onSubscribe: () => answer as unknown as true } } })
      const bob = await join(hub)
      const { channels } = await bob.ok({ type: 'subscribe', channels: [{ channel: 'room' }] })
      expect(channels?.[0]?.error?.code).toBe('internal')
    }
  })

  it('R22: tells of connect, subscribe, publish, unsubscribe and disconnect', async () => {
    const hub = startHub()
    const told: string[] = []
    for (const event of [
      'connect',
      'subscribe',
      'publish',
      'unsubscribe',
      'disconnect',
    ] satisfies HubEvent[]) {
      hub.on(event, () => told.push(event))
    }
    const off = hub.on('connect', () => told.push('never'))
    off()
    hub.on('connect', () => {
      throw new Error('a listener of the application')
    })
    const bob = await join(hub)
    await bob.ok({ type: 'subscribe', channels: [{ channel: 'room' }] })
    await bob.ok({ type: 'publish', channel: 'room', messages: [{ id: 'm', data: 1 }] })
    bob.session.closed()
    expect(told).toEqual(['connect', 'subscribe', 'publish', 'unsubscribe', 'disconnect'])
  })
})
