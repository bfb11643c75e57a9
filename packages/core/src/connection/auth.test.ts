import { expect, it, vi } from 'vitest'
import type { ConnectionOptions } from './actor.ts'
import { connected, framesOf, scene, until } from './scene.test-kit.ts'

const wire = (code: 'token_expired' | 'rate_limited' | 'forbidden', retryAfterMs?: number) => ({
  code,
  class: 'auth' as const,
  retryWhen: 'never' as const,
  message: 'so',
  hint: 'so',
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
})

it('N1: a reconnect awaits a fresh token; no frame carries the old one', async () => {
  let version = 0
  let release = (): void => undefined
  const auth = vi.fn(async () => {
    version++
    if (version > 1) await new Promise<void>((resolve) => (release = resolve))
    return { token: `token-${version}` }
  })
  const { clock, activity, transport, connection } = await connected({}, { auth })
  expect(transport.links[0]?.received[0]).toMatchObject({
    type: 'auth',
    token: 'token-1',
    clientId: 'client-1',
  })
  transport.link?.cut()
  activity.emit('visible')
  await clock.advance(5_000)
  expect(transport.links[1]?.received).toEqual([])
  release()
  await clock.advance(0)
  expect(transport.links[1]?.received[0]).toMatchObject({ type: 'auth', token: 'token-2' })
  expect(connection.state$.value.status).toBe('ONLINE')
})

it('N1: after the token outlived its life in sleep, the callback hears `expired`', async () => {
  const reasons: string[] = []
  const auth = ({ reason }: { reason: string }) => {
    reasons.push(reason)
    return { token: 'token' }
  }
  const { clock, activity, transport } = await connected({ welcome: { expiresInMs: 60_000 } }, { auth })
  clock.setWall(clock.now() + 3_600_000)
  transport.link?.cut()
  activity.emit('visible')
  await clock.advance(0)
  expect(reasons).toEqual(['initial', 'expired'])
})

it('N2: a failing auth callback backs off and is asked again; a hanging one is given up after 8 s', async () => {
  const auth = vi.fn<NonNullable<ConnectionOptions['auth']>>()
  auth.mockRejectedValueOnce({ status: 503 }).mockRejectedValueOnce({ status: 401 })
  auth.mockReturnValueOnce(new Promise(() => undefined)).mockReturnValue({ token: 'good' })
  const { clock, transport, connection } = scene({}, { auth })
  connection.connect()
  await clock.advance(0)
  expect(connection.state$.value).toMatchObject({ reason: 'backoff', error: { code: 'unauthenticated' } })
  expect(connection.state$.value.error?.cause).toEqual({ status: 503 })
  await until(clock, 60_000, () => auth.mock.calls.length === 3)
  expect(await until(clock, 60_000, () => connection.state$.value.reason === 'backoff')).toBeLessThan(8_100)
  await until(clock, 60_000, () => connection.state$.value.status === 'ONLINE')
  expect(auth).toHaveBeenCalledTimes(4)
  expect(transport.links.slice(0, 3).flatMap(({ received }) => received)).toEqual([])
})

it('N2: 401 refreshes once, then `denied`; connect() starts afresh', async () => {
  const reasons: string[] = []
  let isAccepted = false
  const { clock, transport, connection } = scene(
    {
      answer: (frame, link) => {
        if (frame.type !== 'auth' || isAccepted) return undefined
        link.close(4401)
        return null
      },
    },
    {
      auth: async ({ reason }) => {
        reasons.push(reason)
        return { token: reason }
      },
    },
  )
  connection.connect()
  await clock.advance(600_000)
  expect(reasons).toEqual(['initial', 'rejected'])
  expect(connection.state$.value).toMatchObject({
    status: 'OFFLINE',
    reason: 'refused',
    error: { code: 'denied' },
  })
  expect([transport.live, clock.pending]).toEqual([0, 0])
  isAccepted = true
  connection.connect()
  await clock.advance(0)
  expect(connection.state$.value).toMatchObject({ status: 'ONLINE', error: null })
  expect(reasons).toEqual(['initial', 'rejected', 'initial'])
})

it('N2: 403 is `denied` at once, and a wake does not change that', async () => {
  const { clock, activity, transport, connection } = await connected()
  transport.link?.close(4403, 'no')
  await clock.advance(0)
  expect(connection.state$.value).toMatchObject({ reason: 'refused', error: { code: 'denied' } })
  activity.emit('visible')
  await clock.advance(60_000)
  expect(transport.links.length).toBe(1)
})

it('N22: after 200 reconnects in five batches, timers, listeners and sockets are where they were', async () => {
  const { clock, activity, transport, connection } = await connected()
  const counts = (): number[] => [clock.pending, activity.listeners, transport.live]
  await clock.advance(1)
  const baseline = counts()
  for (let batch = 0; batch < 5; batch++) {
    for (let time = 0; time < 40; time++) {
      const waiting = connection.request({ type: 'history', channel: 'a' })
      transport.link?.cut()
      await expect(waiting).rejects.toMatchObject({ code: 'network' })
      activity.emit('focused')
      await until(clock, 30_000, () => connection.state$.value.status === 'ONLINE')
    }
    await clock.advance(1)
    expect(counts()).toEqual(baseline)
  }
  connection.disconnect()
  await clock.advance(0)
  expect(counts()).toEqual([0, 0, 0])
})

it('W10: the token is renewed at 80 % of its life, in band', async () => {
  let version = 0
  const reasons: string[] = []
  const auth = ({ reason }: { reason: string }) => {
    reasons.push(reason)
    return { token: `token-${++version}` }
  }
  const { clock, transport, connection } = await connected({ welcome: { expiresInMs: 60_000 } }, { auth })
  const session = connection.session$.value
  await clock.advance(47_999)
  expect(reasons).toEqual(['initial'])
  await clock.advance(1)
  expect(framesOf(transport.links[0], 'auth')).toMatchObject([{ token: 'token-1' }, { token: 'token-2' }])
  await clock.advance(48_000)
  expect(framesOf(transport.links[0], 'auth').length).toBe(3)
  expect(reasons).toEqual(['initial', 'expired', 'expired'])
  expect(transport.links.length).toBe(1)
  expect(connection.session$.value).toBe(session)
})

it('W10: a renewal that the application cannot give is asked for again; one that is refused refreshes once', async () => {
  const auth = vi.fn<NonNullable<ConnectionOptions['auth']>>()
  auth.mockReturnValueOnce({ token: 'first' }).mockRejectedValueOnce(new Error('503'))
  auth.mockReturnValueOnce({ token: 'bad' }).mockReturnValue({ token: 'fresh' })
  const { clock, transport, connection } = await connected(
    {
      welcome: { expiresInMs: 60_000 },
      answer: (frame) =>
        frame.type === 'auth' && frame.token === 'bad'
          ? { type: 'error', id: frame.id, error: wire('token_expired') }
          : undefined,
    },
    { auth },
  )
  await clock.advance(48_000)
  expect(auth).toHaveBeenCalledTimes(2)
  expect(connection.state$.value.status).toBe('ONLINE')
  await clock.advance(5_000)
  expect(transport.live).toBe(0)
  await clock.advance(3_000)
  expect(connection.state$.value.status).toBe('ONLINE')
  expect(auth.mock.calls.map(([{ reason }]) => reason)).toEqual(['initial', 'expired', 'expired', 'expired'])
})

it('C1: disconnect() while the application is asked for a token leaves no timer', async () => {
  const { clock, connection } = scene({}, { auth: () => new Promise(() => undefined) })
  connection.connect()
  await clock.advance(1_000)
  expect(clock.pending).toBeGreaterThan(0)
  connection.disconnect()
  await clock.advance(0)
  expect(clock.pending).toBe(0)
})
