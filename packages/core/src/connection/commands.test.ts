import { expect, it, vi } from 'vitest'
import type { HoldfastError } from '../errors.ts'
import { connected } from './scene.test-kit.ts'

const wire = (code: 'token_expired' | 'rate_limited' | 'forbidden', retryAfterMs?: number) => ({
  code,
  class: 'auth' as const,
  retryWhen: 'never' as const,
  message: 'so',
  hint: 'so',
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
})

it('commands are answered in order, `handle` in the very step in which the answer came', async () => {
  const { clock, transport, connection } = await connected({
    answer: (frame) => (frame.type === 'auth' ? undefined : null),
  })
  const seen: string[] = []
  connection.frames$.subscribe(({ type }) => seen.push(type))
  const answer = connection.request({ type: 'subscribe', channels: [{ channel: 'a' }] }, ({ id }) =>
    seen.push(`ok ${id}`),
  )
  const error = connection.request({ type: 'history', channel: 'b' })
  await clock.advance(0)
  const [, subscribe, history] = transport.link?.received ?? []
  transport.link?.send({ type: 'ok', id: subscribe?.id ?? 0 })
  transport.link?.send({ type: 'messages', channel: 'a', items: [] })
  transport.link?.send({ type: 'error', id: history?.id ?? 0, error: wire('forbidden') })
  const refused = expect(error).rejects.toMatchObject({ code: 'forbidden', message: 'so' })
  await clock.advance(0)
  await refused
  expect((await answer).id).toBe(subscribe?.id)
  expect(seen).toEqual([`ok ${subscribe?.id}`, 'messages'])
})

it('a command without an answer times out after 10 s; without a session it is not sent', async () => {
  const { clock, transport, connection } = await connected({
    answer: (frame) => (frame.type === 'auth' ? undefined : null),
  })
  const codes: string[] = []
  const send = (): void => {
    connection.request({ type: 'history', channel: 'a' }).catch(({ code }: HoldfastError) => codes.push(code))
  }
  send()
  await clock.advance(5_000)
  send()
  await clock.advance(5_000)
  expect(codes).toEqual(['timeout'])
  await clock.advance(5_000)
  expect(codes).toEqual(['timeout', 'timeout'])
  transport.link?.cut()
  send()
  await clock.advance(0)
  expect(codes).toEqual(['timeout', 'timeout', 'disconnected'])
})

it.each([
  [1006, 'network'],
  [4503, 'network'],
  [1009, 'frame_too_large'],
  [1008, 'bad_frame'],
  [4400, 'bad_frame'],
])('close code %i rejects what is in flight with %s', async (code, expected) => {
  const { clock, transport, connection } = await connected({
    answer: (frame) => (frame.type === 'auth' ? undefined : null),
  })
  const rejected = expect(connection.request({ type: 'history', channel: 'a' })).rejects.toMatchObject({
    code: expected,
  })
  transport.link?.close(code)
  await clock.advance(0)
  await rejected
  await clock.advance(3_000)
  expect(connection.state$.value.status).toBe('ONLINE')
})

it('a malformed frame of the server closes the socket with 4400, and the connection comes back', async () => {
  const { clock, transport, connection } = await connected()
  const ended = vi.fn()
  const [link] = transport.links
  if (link) link.onEnd = ended
  link?.send('{"type":"messages"}')
  await clock.advance(0)
  expect(ended).toHaveBeenCalledWith({ code: 4400, reason: '' })
  expect(connection.state$.value).toMatchObject({ reason: 'backoff', error: { code: 'bad_frame' } })
  await clock.advance(3_000)
  expect(connection.state$.value.status).toBe('ONLINE')
})

it('the session-level error before a close says how long to wait, and a wake does not shorten it', async () => {
  const { clock, activity, transport, connection } = await connected()
  transport.link?.send({ type: 'error', error: wire('rate_limited', 7_000) })
  transport.link?.close(4429)
  await clock.advance(0)
  expect(connection.state$.value).toMatchObject({ reason: 'backoff', error: { code: 'rate_limited' } })
  activity.emit('visible')
  await clock.advance(6_999)
  expect(transport.links.length).toBe(1)
  await clock.advance(3_001)
  expect(connection.state$.value.status).toBe('ONLINE')
})

it('`handle` has run before the transport gives the next frame', async () => {
  const { clock, activity, transport, connection } = await connected()
  const opened = vi.spyOn(transport, 'open')
  transport.link?.cut()
  activity.emit('visible')
  await clock.advance(0)
  const [, events] = opened.mock.calls[0] ?? []
  const handle = vi.fn()
  connection.request({ type: 'history', channel: 'a' }, handle)
  const { generation } = connection.session$.value ?? {}
  expect(generation).toBe(2)
  for (let id = 1; id < 10; id++) events?.frame({ type: 'ok', id })
  expect(handle).toHaveBeenCalledTimes(1)
})
