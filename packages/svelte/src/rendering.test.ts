import { roomServer } from '@holdfast/conformance/binding'
import { type Message, MessageList } from '@holdfast/core'
import { mount } from 'svelte'
import { afterEach, describe, expect, it, vi } from 'vitest'
import Later from '../test/later.svelte'
import { act, mountUnder, mountWritten, removeAll } from '../test/mounting.ts'
import Provided from '../test/provided.svelte'
import { effect, State } from '../test/state.svelte.ts'
import Written from '../test/written.svelte'
import { Channel, useChannel, useConnectionStatus, useHoldfast, useMessages, usePublish } from './index.ts'

const LINGER_MS = 3_000

afterEach(removeAll)
afterEach(() => void vi.restoreAllMocks())

function stage() {
  const server = roomServer()
  const settle = (ms = 0): Promise<void> => act(() => server.clock.advance(ms))
  return { server, client: server.client(), settle }
}

const textOf = ({ messages }: { readonly messages: readonly Message[] }): string =>
  messages.map(({ data }) => data).join(' ')

const nothing = (): string => ''

describe('the provider', () => {
  it('is asked for where there is none', () => {
    const uses = [useHoldfast, useConnectionStatus, () => useMessages('room'), () => useChannel('room')]
    for (const use of uses) {
      const setup = () => {
        use()
        return nothing
      }
      const target = document.createElement('div')
      expect(() => mount(Written, { target, props: { setup } })).toThrow('provideHoldfast(client)')
    }
  })

  it('the nearest one counts', async () => {
    const { client } = stage()
    let found: unknown
    const setup = () => {
      found = useHoldfast()
      return nothing
    }
    await mountUnder(stage().client, Provided, { client, setup })
    expect(found).toBe(client)
  })

  it('with another client what is in it begins anew', async () => {
    const [one, other] = [stage(), stage()]
    one.server.publish('room', 'of one')
    other.server.publish('room', 'of the other')
    const client = new State(one.client)
    const { text } = await mountWritten(
      () => client.value,
      () => {
        const room = useMessages('room', { from: 'earliest' })
        return () => textOf(room)
      },
    )
    await one.settle()
    expect(text()).toBe('of one')
    await act(() => Object.assign(client, { value: other.client }))
    await other.settle()
    await one.settle(LINGER_MS)
    expect(text()).toBe('of the other')
    expect(one.server.commands).toEqual(['subscribe room', 'unsubscribe room'])
  })
})

describe('what is read', () => {
  it('is watched once for all templates and effects that read it, for as long as the last of them lives', async () => {
    const { server, client, settle } = stage()
    const watch = vi.spyOn(MessageList.prototype, 'watch')
    const isOpen = new State(true)
    const inEffect: number[] = []
    const { text } = await mountWritten(client, () => {
      const room = useMessages('room')
      effect(() => {
        if (isOpen.value) inEffect.push(room.messages.length)
      })
      return () => (isOpen.value ? `${textOf(room)} ${room.gaps.length} ${room.isLoading}` : 'closed')
    })
    await settle()
    server.publish('room', 'one')
    await settle()
    expect(text()).toBe('one 0 false')
    expect(inEffect.at(-1)).toBe(1)
    expect(watch).toHaveBeenCalledTimes(1)
    await act(() => Object.assign(isOpen, { value: false }))
    await settle(LINGER_MS)
    expect(server.commands).toEqual(['subscribe room', 'unsubscribe room'])
    server.publish('room', 'two')
    await act(() => Object.assign(isOpen, { value: true }))
    expect(text()).toBe('one 0 false')
    await settle()
    expect(text()).toBe('one two 0 false')
    expect(watch).toHaveBeenCalledTimes(2)
  })

  it('outside of effects is the value there is, and opens nothing', async () => {
    const { server, client, settle } = stage()
    const initialMessages = [{ id: '1', data: 'first' } as unknown as Message]
    const before: unknown[] = []
    let read: () => unknown = nothing
    client.connect()
    await settle()
    await mountWritten(client, () => {
      const [room, connection] = [useMessages('room', { initialMessages }), useConnectionStatus()]
      read = () => [textOf(room), room.status.status, connection.status]
      before.push(read())
      return nothing
    })
    expect(before).toEqual([['first', 'idle', 'ONLINE']])
    client.disconnect()
    expect(read()).toEqual(['first', 'idle', 'OFFLINE'])
    await settle(LINGER_MS)
    expect(server.commands).toEqual([])
  })

  it('is the client’s own objects, and the same list until it changes', async () => {
    const { server, client, settle } = stage()
    const initialMessages = [{ id: '1', offset: null, data: { deep: true } } as unknown as Message]
    const lists: unknown[] = []
    const held: Message[] = []
    const delivered: Message[] = []
    const other = new State(0)
    await mountWritten(client, () => {
      const room = useMessages('room', { initialMessages, from: 'now' })
      useChannel('room', undefined, (message) => void delivered.push(message))
      return () => {
        lists.push(room.messages)
        held.splice(0, held.length, ...room.messages)
        return other.value
      }
    })
    await settle()
    server.publish('room', { deep: true })
    await settle()
    expect(held[0]).toBe(initialMessages[0])
    expect(held[1]).toBe(delivered[0])
    await act(() => Object.assign(other, { value: 1 }))
    expect(lists.at(-1)).toBe(lists.at(-2))
  })

  it('is what there is when a component comes later: no state of before is shown in between', async () => {
    const { client, settle } = stage()
    const isThere = new State(false)
    const shown: string[] = []
    client.connect()
    await settle()
    const setup = () => {
      const connection = useConnectionStatus()
      return () => void shown.push(`${connection.status} ${connection.isConnected}`)
    }
    await mountUnder(client, Later, {
      get isThere() {
        return isThere.value
      },
      setup,
    })
    await act(() => Object.assign(isThere, { value: true }))
    expect(shown).toEqual(['ONLINE true'])
  })

  it('is let go with the component', async () => {
    const { client, settle } = stage()
    const subscribe = vi.spyOn(client.status$, 'subscribe')
    const { unmount } = await mountWritten(client, () => {
      const connection = useConnectionStatus()
      return () => `${connection.status} ${connection.reason}`
    })
    await settle()
    const [first, ...others] = subscribe.mock.results
    expect(others).toEqual([])
    expect(first?.value.closed).toBe(false)
    await unmount()
    expect(first?.value.closed).toBe(true)
  })
})

describe('names, events and options', () => {
  it('may be getters; the same name again makes no other list, and no traffic', async () => {
    const { server, client, settle } = stage()
    const room = new State({ id: 'a', limit: 3, params: { token: 1 } })
    const { text } = await mountWritten(client, () => {
      const list = useMessages(
        () => room.value.id,
        () => ({ from: 'earliest', limit: room.value.limit }),
      )
      useChannel(
        () => room.value.id,
        undefined,
        undefined,
        () => ({ params: room.value.params }),
      )
      return () => textOf(list)
    })
    for (const data of [1, 2, 3]) server.publish('a', data)
    await settle()
    expect(text()).toBe('1 2 3')
    await act(() => Object.assign(room, { value: { id: 'a', limit: 2, params: { token: 2 } } }))
    await settle(LINGER_MS)
    expect(text()).toBe('1 2 3')
    server.publish('a', 4)
    await settle()
    expect(text()).toBe('3 4')
    expect(server.commands).toEqual(['subscribe a'])
  })
})

describe('useChannel', () => {
  it('does not subscribe again for what handlers and options read', async () => {
    const { server, client, settle } = stage()
    const subscribe = vi.spyOn(client.channel('room'), 'subscribe')
    const read = new State(0)
    const seen: unknown[] = []
    await mountWritten(client, () => {
      const handler = ({ data }: Message) => void seen.push([data, read.value])
      useChannel('room', undefined, handler, () => ({ params: { read: read.value } }))
      return nothing
    })
    await settle()
    await act(() => Object.assign(read, { value: 1 }))
    server.publish('room', 'one')
    await settle()
    expect(seen).toEqual([['one', 1]])
    expect(subscribe).toHaveBeenCalledTimes(1)
  })
})

describe('usePublish', () => {
  it('in an effect publishes once: what is read on the way does not run the effect again', async () => {
    const { server, client, settle } = stage()
    let runs = 0
    await mountWritten(client, () => {
      const { publish } = usePublish(() => 'room')
      effect(() => {
        runs++
        publish('message', runs)
      })
      return nothing
    })
    await settle()
    await settle()
    expect(runs).toBe(1)
    expect(server.frames.filter(({ type }) => type === 'publish')).toHaveLength(1)
  })

  it('publishes to the channel of now, also where `publish` was taken out before', async () => {
    const { server, client, settle } = stage()
    const name = new State<string | null>(null)
    let publish: ReturnType<typeof usePublish>['publish'] | undefined
    const { text } = await mountWritten(client, () => {
      const publishing = usePublish(() => name.value)
      publish = publishing.publish
      return () => `${publishing.isPending} ${publishing.error?.code}`
    })
    expect(() => publish?.('message', 1)).toThrow('no channel')
    await act(() => Object.assign(name, { value: 'a' }))
    await act(() => void publish?.('message', 1))
    expect(text()).toBe('true undefined')
    await settle()
    expect(text()).toBe('false undefined')
    const channels = server.frames.flatMap((frame) => (frame.type === 'publish' ? [frame.channel] : []))
    expect(channels).toEqual(['a'])
  })

  it('a retry of before counts for its own channel', async () => {
    const { server, client, settle } = stage()
    const name = new State('a')
    server.publishes = 'forbidden'
    let publishing: ReturnType<typeof usePublish> | undefined
    const { text } = await mountWritten(client, () => {
      const now = usePublish(() => name.value)
      publishing = now
      return () => `${now.isPending} ${now.error?.code}`
    })
    await act(() => void publishing?.publish('message', 1))
    await settle()
    expect(text()).toBe('false forbidden')
    const retry = publishing?.retry
    await act(() => Object.assign(name, { value: 'b' }))
    expect(text()).toBe('false undefined')
    server.publishes = 'held'
    await act(() => void retry?.())
    expect(text()).toBe('false undefined')
  })
})

describe('<Channel>', () => {
  it('shows nothing, and is off while it has no name', async () => {
    const { server, client, settle } = stage()
    const seen: unknown[] = []
    const props = new State<{ channel: string | null }>({ channel: null })
    const { text } = await mountUnder(client, Channel, {
      get channel() {
        return props.value.channel
      },
      event: 'note',
      handler: ({ data }: Message) => void seen.push(data),
    })
    await settle()
    expect(server.transport.links).toHaveLength(0)
    await act(() => Object.assign(props, { value: { channel: 'room' } }))
    await settle()
    server.publish('room', 'typing', 'typing')
    server.publish('room', 'a note', 'note')
    await settle()
    expect(seen).toEqual(['a note'])
    expect(text()).toBe('')
    await act(() => Object.assign(props, { value: { channel: null } }))
    await settle(LINGER_MS)
    expect(server.commands).toEqual(['subscribe room', 'unsubscribe room'])
  })
})
