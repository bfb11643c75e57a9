/** What components that use channels do on the wire. */
import { expect, it } from 'vitest'
import type { Binding, ChannelUse } from './binding.ts'
import { LINGER_MS, RECONNECT_MS, stageOf } from './stage.ts'

/** How often a component is rendered with another handler. */
const RENDERS = 100
const RANDOM_STEPS = 60

export function channelCases(binding: Binding): void {
  const { name, mountChannels, act } = binding

  for (const as of ['hook', 'element'] as const) {
    it(`P1 (${name}, ${as}): each event calls the handler once, with its data; a new handler never resubscribes`, async () => {
      const { server, client, settle, seen, handler } = stageOf(binding)
      const view = await mountChannels(client, [{ name: 'room', event: 'note', handler }], as)
      await settle()
      server.publish('room', { text: 'hello' }, 'note')
      server.publish('room', 'of another event')
      await settle()
      await view.update([{ name: 'room', event: 'note', handler: (message) => handler(message) }])
      server.publish('room', [2], 'note')
      await settle(LINGER_MS)
      expect(seen).toEqual([{ text: 'hello' }, [2]])
      expect(server.commands).toEqual(['subscribe room'])
    })

    it(`P3 (${name}, ${as}): params travel with the subscription; left out, the client's own auth is all there is`, async () => {
      const { server, client, settle } = stageOf(binding)
      const subscribed = (): unknown[] =>
        server.frames.flatMap((frame) => (frame.type === 'subscribe' ? frame.channels : []))
      const params = { userId: 1, token: 'a-token' }
      const view = await mountChannels(client, [{ name: 'private', params }, { name: 'plain' }], as)
      await settle()
      expect(subscribed()).toEqual([{ channel: 'private', params }, { channel: 'plain' }])
      expect(server.frames[0]).toMatchObject({ type: 'auth', token: 'token of ada' })
      const renewed = { userId: 1, token: 'another' }
      await view.update([{ name: 'private', params: renewed }, { name: 'plain' }])
      await settle()
      expect(subscribed()).toHaveLength(2)
      await act(async () => server.cut())
      await settle(RECONNECT_MS)
      expect(subscribed().slice(2)).toMatchObject([
        { channel: 'private', params: renewed },
        { channel: 'plain' },
      ])
    })
  }

  it(`N12 (${name}): a strict mount of two components on one channel is one subscribe, and one delivery each`, async () => {
    const { server, client, settle, seen, handler } = stageOf(binding)
    const use = { name: 'room', handler }
    await mountChannels(client, [use, use], 'hook')
    await settle()
    server.publish('room', 'hello')
    await settle()
    expect(server.commands).toEqual(['subscribe room'])
    expect(server.transport.links).toHaveLength(1)
    expect(seen).toEqual(['hello', 'hello'])
  })

  it(`N12 (${name}): a hundred handlers cause no frame, and the latest is called`, async () => {
    const { server, client, settle, seen, handler } = stageOf(binding)
    const old = (): void => void (seen as unknown[]).push('an old handler')
    const view = await mountChannels(client, [{ name: 'room', handler: old }], 'hook')
    await settle()
    const frames = server.frames.length
    for (let k = 1; k < RENDERS; k++) await view.update([{ name: 'room', handler: () => old() }])
    await view.update([{ name: 'room', handler }])
    expect(server.frames).toHaveLength(frames)
    server.publish('room', 1)
    await settle()
    expect(seen).toEqual([1])
  })

  it(`N12 (${name}): another event causes no traffic`, async () => {
    const { server, client, settle, seen, handler } = stageOf(binding)
    const view = await mountChannels(client, [{ name: 'room', handler }], 'hook')
    await settle()
    await view.update([{ name: 'room', event: 'typing', handler }])
    server.publish('room', 2)
    server.publish('room', 3, 'typing')
    await settle(LINGER_MS)
    expect(seen).toEqual([3])
    expect(server.commands).toEqual(['subscribe room'])
  })

  it(`P2 (${name}): components share one socket and one subscription a channel; the last unmount ends it`, async () => {
    const { server, client, settle, seen, handler } = stageOf(binding)
    const [a, b] = [
      { name: 'a', handler },
      { name: 'b', handler },
    ]
    const view = await mountChannels(client, [a, a, a, b], 'hook')
    await settle()
    expect(server.transport.links).toHaveLength(1)
    expect(server.commands).toEqual(['subscribe a', 'subscribe b'])
    server.publish('a', 'x')
    await settle()
    expect(seen).toEqual(['x', 'x', 'x'])
    await view.update([b])
    await settle(LINGER_MS)
    expect(server.commands).toEqual(['subscribe a', 'subscribe b', 'unsubscribe a'])
    server.publish('b', 'y')
    await settle()
    expect(seen.slice(3)).toEqual(['y'])
    await view.unmount()
    await settle(LINGER_MS)
    expect(server.commands.slice(3)).toEqual(['unsubscribe b'])
  })

  it(`another name leaves the old channel and joins the new one (${name})`, async () => {
    const { server, client, settle, seen, handler } = stageOf(binding)
    const view = await mountChannels(client, [{ key: 'one', name: 'a', handler }], 'hook')
    await settle()
    await view.update([{ key: 'one', name: 'b', handler }])
    await settle(LINGER_MS)
    expect(server.commands).toEqual(['subscribe a', 'subscribe b', 'unsubscribe a'])
    server.publish('a', 'of the old one')
    server.publish('b', 'of the new one')
    await settle()
    expect(seen).toEqual(['of the new one'])
  })

  it(`a route change and back within the linger sends no frame, and loses nothing (${name})`, async () => {
    const { server, client, settle, seen, handler } = stageOf(binding)
    const page = [{ name: 'room', handler }]
    const view = await mountChannels(client, page, 'hook')
    await settle()
    const frames = server.frames.length
    await view.update([])
    server.publish('room', 'between')
    await view.update(page)
    await settle()
    expect(server.frames).toHaveLength(frames)
    expect(seen).toEqual(['between'])
    await settle(LINGER_MS)
    expect(server.commands).toEqual(['subscribe room'])
  })

  it(`N13 (${name}): after any sequence of mounts and unmounts the wire is as the last render wants it`, async () => {
    const { server, client, settle } = stageOf(binding)
    const names = ['a', 'b', 'c']
    const view = await mountChannels(client, [], 'hook')
    // A fixed sequence without a pattern: x → 5x + 3 (mod 2^9) takes every value once.
    let state = 1
    const next = (): number => {
      state = (state * 5 + 3) % 512
      return state >> 2
    }
    let uses: readonly ChannelUse[] = []
    for (let step = 0; step < RANDOM_STEPS; step++) {
      uses = names.flatMap((each) => Array.from({ length: next() % 3 }, () => ({ name: each })))
      await view.update(uses)
      await settle(next() % 4 === 0 ? LINGER_MS : next())
    }
    await settle(LINGER_MS)
    const subscribed = new Set<string>()
    for (const command of server.commands) {
      const [verb, channel = ''] = command.split(' ')
      if (verb === 'subscribe') subscribed.add(channel)
      else subscribed.delete(channel)
    }
    expect([...subscribed].sort()).toEqual([...new Set(uses.map((use) => use.name))].sort())
    expect(server.commands.length).toBeGreaterThan(10)
  })

  it(`C13 (${name}): after three reconnects an event is delivered once`, async () => {
    const { server, client, settle, seen, handler } = stageOf(binding)
    await mountChannels(client, [{ name: 'room', handler }], 'hook')
    await settle()
    for (let k = 0; k < 3; k++) {
      await act(async () => server.cut())
      await settle(RECONNECT_MS)
    }
    server.publish('room', 'once')
    await settle()
    expect(server.transport.links).toHaveLength(4)
    expect(seen).toEqual(['once'])
  })

  it(`a null name means off (${name})`, async () => {
    const { server, client, settle } = stageOf(binding)
    const view = await mountChannels(client, [{ key: 'one', name: null }], 'hook')
    await settle(LINGER_MS)
    expect(server.transport.links).toHaveLength(0)
    expect(view.shown).toMatchObject([{ status: 'idle' }])
    await view.update([{ key: 'one', name: 'room' }])
    await settle()
    expect(view.shown).toMatchObject([{ status: 'subscribed' }])
    await view.update([{ key: 'one', name: null }])
    await settle(LINGER_MS)
    expect(server.commands).toEqual(['subscribe room', 'unsubscribe room'])
    expect(view.shown).toMatchObject([{ status: 'idle' }])
  })

  it(`a refusal is shown, asked for once, and taken back by retry() (${name})`, async () => {
    const { server, client, settle, seen, handler } = stageOf(binding)
    server.forbidden.add('room')
    const view = await mountChannels(client, [{ name: 'room', handler }], 'hook')
    await settle()
    expect(view.shown).toMatchObject([{ status: 'denied', error: { code: 'forbidden' } }])
    await settle(LINGER_MS)
    expect(server.commands).toEqual(['subscribe room'])
    server.forbidden.delete('room')
    await act(async () => client.channel('room').retry())
    await settle()
    server.publish('room', 'after all')
    await settle()
    expect(view.shown).toMatchObject([{ status: 'subscribed' }])
    expect(seen).toEqual(['after all'])
  })

  it(`a gap is told before the first message after it, to the handler of the latest render (${name})`, async () => {
    const { server, client, settle, seen, handler } = stageOf(binding)
    const tell = seen as unknown[]
    const use = { name: 'room', handler }
    const view = await mountChannels(
      client,
      [{ ...use, onGap: () => void tell.push('an old handler') }],
      'hook',
    )
    await settle()
    await view.update([{ ...use, onGap: ({ from, to }) => void tell.push(`${from}-${to}`) }])
    await act(async () => server.cut())
    for (const data of [1, 2, 3]) server.publish('room', data)
    server.trim('room', 2)
    await settle(RECONNECT_MS)
    expect(seen).toEqual(['1-2', 3])
  })
}
