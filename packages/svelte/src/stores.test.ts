import { roomServer } from '@holdfast/conformance/binding'
import { get } from 'svelte/store'
import { afterEach, describe, expect, it } from 'vitest'
import { act, mountUnder, removeAll } from '../test/mounting.ts'
import Stores from '../test/stores.svelte'
import { channelStore, statusStore } from './index.ts'

const LINGER_MS = 3_000

afterEach(removeAll)

describe('channelStore', () => {
  it('is filled while somebody is subscribed, once for all of them, and goes on after what it holds', async () => {
    const server = roomServer()
    const store = channelStore(server.client(), 'room')
    const seen: unknown[][] = [[], []]
    const subscribe = (to: unknown[]) =>
      store.subscribe(({ messages }) => void to.push(messages.map(({ data }) => data).join(' ')))
    const ends = seen.map(subscribe)
    await server.clock.advance(0)
    server.publish('room', 'one')
    await server.clock.advance(0)
    expect(seen.map((texts) => texts.at(-1))).toEqual(['one', 'one'])
    expect(server.commands).toEqual(['subscribe room'])
    ends[0]?.()
    await server.clock.advance(LINGER_MS)
    expect(server.commands).toEqual(['subscribe room'])
    ends[1]?.()
    await server.clock.advance(LINGER_MS)
    expect(server.commands).toEqual(['subscribe room', 'unsubscribe room'])
    server.publish('room', 'between')
    const again: unknown[] = []
    const end = subscribe(again)
    await server.clock.advance(0)
    expect(again[0]).toBe('one')
    expect(again.at(-1)).toBe('one between')
    expect(seen[1]?.at(-1)).toBe('one')
    end()
  })

  it('get() gives what it holds and leaves nothing behind', async () => {
    const server = roomServer()
    const store = channelStore(server.client(), 'room')
    expect(get(store)).toMatchObject({ messages: [], isLoading: true })
    await server.clock.advance(LINGER_MS)
    expect(server.commands).toEqual([])
    const end = store.subscribe(() => undefined)
    await server.clock.advance(0)
    server.publish('room', 'one')
    await server.clock.advance(0)
    expect(get(store)).toMatchObject({ messages: [{ data: 'one' }], isLoading: false })
    end()
  })
})

describe('statusStore', () => {
  it('tells every change, and connects nothing', async () => {
    const server = roomServer()
    const client = server.client()
    const store = statusStore(client)
    const seen: string[] = []
    const end = store.subscribe(({ status, isConnected }) => void seen.push(`${status} ${isConnected}`))
    await server.clock.advance(0)
    expect(server.transport.links).toHaveLength(0)
    client.connect()
    await server.clock.advance(0)
    end()
    client.disconnect()
    expect([...new Set(seen)]).toEqual(['OFFLINE false', 'CONNECTING false', 'ONLINE true'])
    expect(get(store)).toMatchObject({ status: 'OFFLINE', isConnected: false })
  })
})

it('a component of Svelte 4 follows stores for as long as it lives', async () => {
  const server = roomServer()
  const client = server.client()
  server.publish('room', 'one')
  const { text, unmount } = await mountUnder(client, Stores, { client })
  await act(() => server.clock.advance(0))
  expect(text()).toBe('one false ONLINE true')
  await unmount()
  await server.clock.advance(LINGER_MS)
  expect(server.commands).toEqual(['subscribe room', 'unsubscribe room'])
})
