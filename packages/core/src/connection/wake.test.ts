import { expect, it, vi } from 'vitest'
import type { Clock } from '../ports/index.ts'
import { createFakeTransport, createVirtualClock, scriptedPeer } from '../testing/index.ts'
import { connected, framesOf, scene, until } from './scene.test-kit.ts'

it('N3: in a throttled tab a live socket is never dropped', async () => {
  const clock = createVirtualClock()
  // Timers of this tab run on the full minute only, as browsers do it to hidden tabs; frames come as always.
  const throttled: Clock = {
    now: clock.now,
    after: (ms, callback) =>
      clock.after(Math.ceil((clock.now() + ms) / 60_000) * 60_000 - clock.now(), callback),
  }
  const { transport, connection, activity, states } = scene({}, { clock: throttled })
  const line = createFakeTransport({ clock, onLink: scriptedPeer() })
  line.latencyMs = 40
  transport.open = (attempt, events) => line.open(attempt, events)
  connection.connect()
  await clock.advance(1_000)
  activity.emit('hidden')
  for (let beat = 0; beat < 80; beat++) {
    await clock.advance(25_000)
    line.link?.send({ type: 'heartbeat' })
  }
  activity.emit('visible')
  await clock.advance(60_000)
  expect(line.links.length).toBe(1)
  expect(states.filter(({ status }) => status === 'CONNECTING').length).toBe(2)
  expect(framesOf(line.links[0], 'ping').length).toBeGreaterThan(10)
})

it('N3: a dead socket is found within 2 s of the tab being visible, by the wall clock', async () => {
  const { clock, activity, transport } = await connected()
  activity.emit('hidden')
  transport.link?.goSilent()
  clock.setWall(clock.now() + 600_000)
  activity.emit('visible')
  expect(await until(clock, 10_000, () => transport.links.length > 1)).toBeLessThan(2_000)
})

it('N4: after disconnect() no signal reconnects', async () => {
  const { clock, activity, transport, connection } = await connected()
  connection.disconnect()
  for (const signal of ['visible', 'online', 'resumed', 'focused', 'active'] as const) activity.emit(signal)
  clock.setWall(clock.now() + 3_600_000)
  await clock.advance(600_000)
  expect(transport.links.length).toBe(1)
  expect(connection.state$.value).toMatchObject({ status: 'OFFLINE', reason: 'closed' })
})

it('a zombie socket after a freeze is abandoned at the probe deadline, five times', async () => {
  const { clock, activity, transport, connection } = await connected({}, { away: false })
  for (let cycle = 1; cycle <= 5; cycle++) {
    await clock.advance(20_000)
    transport.link?.goSilent()
    clock.setWall(clock.now() + 300_000)
    activity.emit('resumed')
    expect(await until(clock, 5_000, () => transport.links.length > cycle)).toBeLessThan(2_100)
    await clock.advance(0)
    expect(connection.state$.value.status).toBe('ONLINE')
  }
})

it('N6: what an older socket still says is ignored', async () => {
  const { clock, activity, transport, connection } = await connected()
  const frames: unknown[] = []
  connection.frames$.subscribe((frame) => frames.push(frame))
  const opened = vi.spyOn(transport, 'open')
  transport.link?.cut()
  activity.emit('visible')
  await clock.advance(0)
  const [, older] = opened.mock.calls[0] ?? []
  transport.link?.cut()
  await clock.advance(3_000)
  expect(transport.links.length).toBe(3)
  older?.opened()
  older?.frame({ type: 'messages', channel: 'a', items: [] })
  older?.malformed('nonsense')
  older?.closed({ code: 4403, reason: '' })
  await clock.advance(1_000)
  expect(frames).toEqual([])
  expect(connection.state$.value.status).toBe('ONLINE')
  expect(transport.live).toBe(1)
})

it('W8: timers that fire late, by seconds or by an hour, end no live session', async () => {
  const { clock, transport, connection } = await connected()
  for (const lateMs of [1_000, 3_000, 70_000, 3_600_000]) {
    clock.setWall(clock.now() + lateMs)
    await clock.advance(6_000)
    expect(connection.state$.value.reason).toBe('connected')
  }
  // One sleep, one probe, however much did not run meanwhile; a second of lateness is none.
  expect(framesOf(transport.links[0], 'ping').length).toBe(3)
  expect(transport.links.length).toBe(1)
})

it('W8: an answer that waits behind the late deadline of its probe still counts', async () => {
  const { clock, activity, transport, connection } = await connected()
  transport.latencyMs = 100
  activity.emit('focused')
  // The page freezes with the probe on its way; deadline and answer are both due when it runs again.
  clock.setWall(clock.now() + 60_000)
  activity.emit('visible')
  await clock.advance(1_000)
  expect(transport.links.length).toBe(1)
  expect(connection.state$.value.reason).toBe('connected')
})

it('W9: a half-open connection is found within 35 s and abandoned at once', async () => {
  const { clock, transport, states } = await connected()
  transport.latencyMs = 1_000
  await clock.advance(24_000)
  transport.link?.send({ type: 'heartbeat' })
  await clock.advance(1_000)
  transport.link?.goSilent()
  const foundMs = await until(clock, 60_000, () => transport.live === 0)
  expect(foundMs).toBeLessThanOrEqual(35_000)
  expect(states.filter(({ reason }) => reason === 'probing').length).toBe(1)
})

it('any frame is a sign of life: a busy connection is never probed', async () => {
  const { clock, transport } = await connected()
  for (let time = 0; time < 20; time++) {
    await clock.advance(20_000)
    transport.link?.send({ type: 'messages', channel: 'a', items: [] })
  }
  expect(framesOf(transport.link ?? undefined, 'ping')).toEqual([])
})

it('all wake signals of one moment make one probe', async () => {
  const { clock, activity, transport } = await connected()
  for (const signal of ['visible', 'resumed', 'focused', 'online'] as const) activity.emit(signal)
  await clock.advance(1_000)
  expect(framesOf(transport.link ?? undefined, 'ping').length).toBe(1)
})

it('a probe of long ago shortens no later wait', async () => {
  const { clock, activity, transport, connection } = await connected()
  activity.emit('focused')
  await clock.advance(1_000)
  transport.link?.cut()
  expect(connection.state$.value.reason).toBe('backoff')
  expect(connection.state$.value.retryAt).toBeGreaterThan(clock.now())
})

it('W8: a probe is begun again over one sleep only, so that a dead socket does not live on in a throttled tab', async () => {
  const { clock, activity, transport } = await connected()
  transport.link?.goSilent()
  activity.emit('focused')
  clock.setWall(clock.now() + 60_000)
  activity.emit('focused')
  await clock.advance(0)
  expect(transport.links.length).toBe(1)
  clock.setWall(clock.now() + 60_000)
  activity.emit('focused')
  await clock.advance(0)
  expect(transport.links.length).toBe(2)
})
