import { createServer } from 'node:http'
import { createVirtualClock } from '@holdfast/core/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { attachWebSocket } from './endpoints/websocket.ts'
import { createHub } from './hub.ts'
import { memoryLog } from './log/memory.ts'
import { sqliteLog } from './log/sqlite.ts'
import { FakeClient, turnOfLoop } from './testing/fake-client.ts'
import { endHubs, join, numbers, startHub } from './testing/start-hub.ts'

afterEach(endHubs)

describe('limits and deadlines', () => {
  it('S9: floods meet typed limits, and an empty channel is freed', async () => {
    const hub = startHub({ limits: { channelsPerClient: 50, framesPerSecond: 20, commands: 10 } })
    const bob = await join(hub)
    const channels = numbers(1, 60).map((n) => ({ channel: `c${n}` }))
    const ok = await bob.ok({ type: 'subscribe', channels })
    expect(ok.channels?.filter(({ error }) => error?.code === 'too_many_channels')).toHaveLength(10)
    expect(hub.health().channels).toBe(50)
    const answers = await Promise.all(
      numbers(1, 12).map((n) => bob.ask({ type: 'subscribe', channels: [{ channel: `c${n}` }] })),
    )
    expect(
      answers.filter((answer) => answer.type === 'error' && answer.error.code === 'too_many_commands'),
    ).toHaveLength(2)
    for (let n = 0; n < 300; n++) bob.session.receive('{"type":"ping","id":1}')
    expect(bob.link.closure?.code).toBe(4429)
    expect(bob.link.frames.at(-1)).toMatchObject({
      type: 'error',
      error: { code: 'rate_limited', retryAfterMs: 1_000 },
    })
    expect(hub.health()).toMatchObject({ channels: 0, sessions: 0 })
  })

  it('R9 (hub): what retention no longer keeps of a channel that nobody writes to is dropped, within two minutes', async () => {
    const clock = createVirtualClock()
    const log = memoryLog({ clock })
    let swept = 0
    const sweep = log.sweep.bind(log)
    log.sweep = async () => {
      const count = await sweep()
      swept += count
      return count
    }
    const hub = startHub({ clock, log, channels: { '{any}': { retention: { maxAgeMs: 30_000 } } } })
    for (const n of numbers(1, 50)) await hub.publish('idle', 'message', n)
    // While somebody is connected.
    const bob = await join(hub)
    for (let second = 0; second < 120; second++) {
      bob.session.heard()
      await clock.advance(1_000)
    }
    expect(swept).toBe(50)
    bob.session.closed()
    await clock.advance(2_000)
    expect(clock.pending).toBe(0)
    // While the server publishes.
    for (const n of numbers(1, 10)) await hub.publish('idle', 'message', n)
    await clock.advance(120_000)
    await hub.publish('other', 'message', 1)
    await turnOfLoop()
    expect(swept).toBe(60)
  })

  it('S9: a client that asks for a million channels gets as many as it may, and costs what those cost', async () => {
    const hub = startHub()
    const bob = await join(hub)
    let refused = 0
    for (let thousand = 0; thousand < 1_000; thousand++) {
      const channels = numbers(1, 1_000).map((n) => ({ channel: `c${thousand}-${n}` }))
      const ok = await bob.ok({ type: 'subscribe', channels })
      refused += ok.channels?.filter(({ error }) => error?.code === 'too_many_channels').length ?? 0
      bob.link.sent.length = 0
    }
    expect(refused).toBe(999_000)
    expect(hub.health().channels).toBe(1_000)
    bob.session.closed()
    expect(hub.health().channels).toBe(0)
  }, 60_000)

  it('S9: an unauthenticated session ends at the deadline', async () => {
    const clock = createVirtualClock()
    const hub = startHub({ clock })
    const bob = new FakeClient(hub)
    await clock.advance(9_000)
    expect(bob.link.closure).toBeNull()
    await clock.advance(3_000)
    expect(bob.link.closure?.code).toBe(4408)
  })

  it('is never quiet for longer than a heartbeat, and ends a dead peer within 2.5 of them', async () => {
    const clock = createVirtualClock()
    const hub = startHub({ clock, heartbeatMs: 25_000 })
    const bob = await join(hub)
    for (let second = 0; second < 100; second++) {
      const before = bob.link.sent.length
      bob.session.heard()
      for (let n = 0; n < 25 && bob.link.sent.length === before; n++) {
        await clock.advance(1_000)
        await turnOfLoop()
      }
      expect(bob.link.sent.length).toBeGreaterThan(before)
    }
    await clock.advance(62_500)
    expect(bob.link.closure?.code).toBe(1001)
    expect(clock.pending).toBe(0)
  })

  it('sends no heartbeat to whom messages come anyway', async () => {
    const clock = createVirtualClock()
    const hub = startHub({ clock, heartbeatMs: 25_000 })
    const bob = await join(hub)
    await bob.ok({ type: 'subscribe', channels: [{ channel: 'room' }] })
    for (let second = 0; second < 200; second += 5) {
      bob.session.heard()
      await hub.publish('room', 'message', second)
      await bob.untilReceived('room', second / 5 + 1)
      await clock.advance(5_000)
      await turnOfLoop()
    }
    expect(bob.link.frames.filter(({ type }) => type === 'heartbeat')).toEqual([])
  })

  it('drains: answers what is under way, then ends sessions with a hint', async () => {
    let append: () => void = () => undefined
    const hub = startHub({
      channels: {
        room: { onPublish: () => new Promise<undefined>((resolve) => (append = () => resolve(undefined))) },
      },
    })
    const bob = await join(hub)
    const ack = bob.ok({ type: 'publish', channel: 'room', messages: [{ id: 'm', data: 1 }] })
    const closed = hub.close({ drainMs: 10_000 })
    expect(await bob.ask({ type: 'subscribe', channels: [{ channel: 'room' }] })).toMatchObject({
      error: { code: 'draining' },
    })
    append()
    expect((await ack).seq).toBe(1)
    await closed
    expect(bob.link.closure?.code).toBe(4503)
    expect(bob.link.frames.at(-1)).toMatchObject({
      type: 'error',
      error: { code: 'draining', retryAfterMs: expect.any(Number) },
    })
  })

  it('refuses a bad configuration by name', () => {
    const bad = (options: object): unknown => {
      try {
        createHub({ log: memoryLog(), ...options })
      } catch (error) {
        return error
      }
      return null
    }
    const room = (config: object): object => ({ channels: { room: config } })
    for (const [name, options] of [
      ['log', { log: null }],
      ['autenticate', { autenticate: () => null }],
      ['open', { open: 'false' }],
      ['channels', { channels: [] }],
      ['limits', { limits: null }],
      ['allowedOrigins', { allowedOrigins: 'https://app.example' }],
      ['retention', room({ retention: 5 })],
      ['authenticate', { authenticate: 'yes' }],
      ['heartbeatMs', { heartbeatMs: 0 }],
      ['heartbeatMs', { heartbeatMs: 1_000.5 }],
      ['idempotencyMs', { idempotencyMs: Number.POSITIVE_INFINITY }],
      ['limits.frameBytes', { limits: { frameBytes: -1 } }],
      ['limits.messageBytes', { limits: { messageBytes: 65_536.5 } }],
      ['limits.commands', { limits: { commands: Number.POSITIVE_INFINITY } }],
      ['limits.comands', { limits: { comands: 1 } }],
      ['a{', { channels: { 'a{': {} } }],
      ['room', { channels: { room: null } }],
      ['room', room({ authorize: 'yes' })],
      ['onPublsh', room({ onPublsh: () => true })],
      ['durable', room({ durable: 'no' })],
      ['maxEntries', room({ retention: { maxEntries: 2.5 } })],
      ['maxEntries', room({ retention: { maxEntries: '3' } })],
      ['maxAgeMs', room({ retention: { maxAgeMs: Number.NaN } })],
      ['maxAge', room({ retention: { maxAge: 1 } })],
      ['origin', { allowedOrigins: ['x'] }],
    ] satisfies [string, object][]) {
      expect(bad(options)).toMatchObject({ code: 'bad_config', message: expect.stringContaining(name) })
    }
    expect(bad(room({ retention: { maxEntries: Number.POSITIVE_INFINITY } }))).toBeNull()
    for (const make of [
      () => createHub(undefined as never),
      () => sqliteLog(''),
      () => sqliteLog('log.db', { synchronous: 'OFF' as never }),
      () => attachWebSocket(createServer(), startHub(), { path: 'realtime' }),
    ])
      expect(make).toThrow(expect.objectContaining({ code: 'bad_config' }))
  })
})
