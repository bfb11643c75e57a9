import { expect, it } from 'vitest'
import {
  createFakeActivity,
  createFakeTransport,
  createVirtualClock,
  type FakeTransport,
  scriptedPeer,
} from '../testing/index.ts'
import { connected, scene, until } from './scene.test-kit.ts'
import { isConnectedStatus } from './status.ts'

it('C1: before connect() and after disconnect() there are no sockets, timers or listeners', async () => {
  const { clock, activity, transport, connection } = scene()
  await clock.advance(100_000)
  expect([transport.links.length, clock.pending, activity.listeners]).toEqual([0, 0, 0])
  connection.connect()
  await clock.advance(1_000)
  connection.request({ type: 'subscribe', channels: [{ channel: 'a' }] }).catch(() => undefined)
  expect([transport.live, activity.listeners]).toEqual([1, 1])
  expect(clock.pending).toBeGreaterThan(0)
  connection.disconnect()
  await clock.advance(0)
  expect([transport.live, clock.pending, activity.listeners]).toEqual([0, 0, 0])
})

it('C2: CONNECTING then ONLINE, once each; a second connect() does nothing; never two sockets', async () => {
  const { clock, transport, connection, states } = scene()
  connection.connect()
  connection.connect()
  await clock.advance(1_000)
  connection.connect()
  await clock.advance(1_000)
  expect(states.map(({ status, reason }) => `${status} ${reason}`)).toEqual([
    'OFFLINE initial',
    'CONNECTING opening',
    'CONNECTING authenticating',
    'ONLINE connected',
  ])
  expect(states.map(({ previous }) => previous)).toEqual(['OFFLINE', 'OFFLINE', 'OFFLINE', 'CONNECTING'])
  expect(transport.links.length).toBe(1)
})

it('C2: a connect() with other transports or another auth replaces what there was; with the same ones it does nothing', async () => {
  const { clock, transport, connection } = await connected()
  connection.connect({ transports: [transport] })
  expect(transport.links.length).toBe(1)
  const other = createFakeTransport({ clock, onLink: scriptedPeer() })
  connection.connect({ transports: [other] })
  await clock.advance(1_000)
  expect([transport.live, other.live]).toEqual([0, 1])
  const reasons: string[] = []
  connection.connect({
    auth: ({ reason }) => {
      reasons.push(reason)
      return { token: 't' }
    },
  })
  await clock.advance(1_000)
  expect([other.links.length, other.live, reasons]).toEqual([2, 1, ['initial']])
  connection.disconnect()
})

it('B10: the status and the one before it tell of every change: lost, back, closed', async () => {
  const { clock, transport, connection, states } = await connected()
  states.length = 0
  transport.link?.cut()
  await clock.advance(3_000)
  connection.disconnect()
  expect(states.map(({ status, previous, reason }) => `${previous} → ${status} ${reason}`)).toEqual([
    'ONLINE → CONNECTING backoff',
    'ONLINE → CONNECTING opening',
    'ONLINE → CONNECTING authenticating',
    'CONNECTING → ONLINE connected',
    'ONLINE → OFFLINE closed',
  ])
  expect(states[0]?.retryAt).toBeGreaterThan(clock.now() - 3_000)
})

it('B10: AWAY after 60 s hidden or idle, ONLINE again at the first input or when shown', async () => {
  const { clock, activity, connection } = await connected()
  const status = (): string => connection.state$.value.status
  await clock.advance(50_000)
  activity.emit('active')
  await clock.advance(59_999)
  expect(status()).toBe('ONLINE')
  await clock.advance(1)
  expect(status()).toBe('AWAY')
  activity.emit('active')
  expect(status()).toBe('ONLINE')
  activity.emit('hidden')
  await clock.advance(60_000)
  expect(status()).toBe('AWAY')
  activity.emit('active')
  expect(status()).toBe('AWAY')
  activity.emit('visible')
  expect(status()).toBe('ONLINE')
  expect(connection.state$.value.previous).toBe('AWAY')
})

it('B10: a new connect() begins with the user there, and without a user nobody is ever away', async () => {
  const { clock, connection } = await connected()
  await clock.advance(61_000)
  expect(connection.state$.value.status).toBe('AWAY')
  connection.disconnect()
  connection.connect()
  await clock.advance(0)
  expect(connection.state$.value.status).toBe('ONLINE')

  const server = await connected({}, { activity: createFakeActivity({ hasUser: false }) })
  await server.clock.advance(600_000)
  expect(server.connection.state$.value.status).toBe('ONLINE')
})

it('B11 (connection): connected is exactly ONLINE or AWAY, and exactly then there is a session', async () => {
  const { clock, activity, transport, connection } = scene()
  const seen = new Set<string>()
  connection.state$.subscribe(({ status }) => {
    seen.add(status)
    expect(isConnectedStatus(status), status).toBe(connection.session$.value !== null)
  })
  connection.connect()
  await clock.advance(70_000)
  transport.link?.cut()
  await clock.advance(3_000)
  activity.emit('active')
  connection.disconnect()
  await clock.advance(0)
  expect([...seen]).toEqual(['OFFLINE', 'CONNECTING', 'ONLINE', 'AWAY'])
})

it('peers and transports are tried in order, and what works is kept', async () => {
  const clock = createVirtualClock()
  const tried: string[] = []
  const transportOf = (name: string, peers: number, isUp: () => boolean): FakeTransport =>
    createFakeTransport({
      clock,
      name,
      peers,
      onLink: (link) => {
        tried.push(`${name} ${link.peer}`)
        if (isUp()) scriptedPeer()(link)
        else link.close(1006)
      },
    })
  const first = transportOf('first', 2, () => false)
  const second = transportOf('second', 1, () => true)
  const { connection } = scene({}, { clock, transports: [first, second] })
  connection.connect()
  await until(clock, 60_000, () => connection.state$.value.status === 'ONLINE')
  expect(tried).toEqual(['first 0', 'first 1', 'second 0'])
  connection.disconnect()
})

it('an opening without end is given up after 10 s, the welcome included', async () => {
  const { clock, transport, connection } = scene()
  transport.onLink = (link) => clock.after(4_000, () => link.accept())
  connection.connect()
  await clock.advance(9_999)
  expect(connection.state$.value.reason).toBe('authenticating')
  await clock.advance(1)
  expect(connection.state$.value.reason).toBe('backoff')
  expect(transport.live).toBe(0)
})

it('the session is there before its first frame, and gone before anything else is told', async () => {
  const { clock, transport, connection } = scene()
  const seen: string[] = []
  connection.session$.subscribe((session) => seen.push(session ? `session ${session.generation}` : 'none'))
  connection.state$.subscribe(({ status }) => seen.push(status))
  connection.connect()
  await clock.advance(0)
  transport.link?.cut()
  await clock.advance(3_000)
  expect(seen.filter((each, place) => each !== seen[place - 1])).toEqual([
    'none',
    'OFFLINE',
    'CONNECTING',
    'session 1',
    'ONLINE',
    'none',
    'CONNECTING',
    'session 2',
    'ONLINE',
  ])
})

it('a peer that answered is tried again first, also where the token could not be had', async () => {
  let tokens = 0
  const auth = () => {
    if (++tokens === 2) throw new Error('503')
    return { token: 'token' }
  }
  const { clock, transport } = scene()
  const several = createFakeTransport({ clock, peers: 3, onLink: scriptedPeer() })
  const { connection } = scene({}, { clock, auth, transports: [several] })
  connection.connect()
  await clock.advance(0)
  several.link?.cut()
  await until(clock, 60_000, () => tokens === 3)
  expect(several.links.map(({ peer }) => peer)).toEqual([0, 0, 0])
  expect(transport.links).toEqual([])
})

it('a server that welcomes and drops at once is not hammered; a session that lasted starts the count again', async () => {
  const { clock, activity, transport, connection } = await connected()
  const waits: number[] = []
  for (let time = 0; time < 12; time++) {
    transport.link?.cut()
    waits.push((connection.state$.value.retryAt ?? 0) - clock.now())
    await until(clock, 30_000, () => connection.state$.value.status === 'ONLINE')
  }
  expect(Math.max(...waits.slice(0, 2))).toBeLessThan(3_000)
  expect(Math.max(...waits)).toBeGreaterThan(8_000)
  await clock.advance(2_000)
  transport.link?.cut()
  expect((connection.state$.value.retryAt ?? 0) - clock.now()).toBeLessThan(3_000)
  activity.emit('visible')
  await clock.advance(0)
  expect(connection.state$.value.status).toBe('ONLINE')
})
