/** What every binding does, whatever its framework. */
import type { Client, Message, MessageListOptions, MessageListState } from '@holdfast/core'
import { describe, expect, it } from 'vitest'
import { roomServer } from './room-server.ts'

/** One component that uses a channel. */
export interface ChannelUse {
  readonly name: string | null
  readonly event?: string
  readonly handler?: (message: Message) => void
}

export interface View<Use> {
  /** Renders again with other uses; those that are gone unmount. */
  update(use: Use): Promise<void>
  unmount(): Promise<void>
}

export interface Binding {
  readonly name: string
  /** Mounts a component for each use, in the framework's strictest mode. */
  mountChannels(client: Client, uses: readonly ChannelUse[]): Promise<View<readonly ChannelUse[]>>
  /** Mounts a component that shows a channel's messages. */
  mountMessages(
    client: Client,
    name: string | null,
    options?: MessageListOptions,
  ): Promise<View<string | null> & { readonly shown: MessageListState }>
  /** Does something, and lets the framework render what follows from it. */
  act(step: () => Promise<void>): Promise<void>
}

/** Longer than the longest first reconnect. */
const RECONNECT_MS = 4_000
/** Longer than the linger. */
const LINGER_MS = 3_000

export function bindingSuite({ name, mountChannels, mountMessages, act }: Binding): void {
  function stage() {
    const server = roomServer()
    const seen: unknown[] = []
    const settle = (ms = 0): Promise<void> => act(() => server.clock.advance(ms))
    return {
      server,
      client: server.client(),
      settle,
      seen,
      handler: (message: Message) => void seen.push(message.data),
    }
  }

  describe(`the ${name} binding`, () => {
    it(`N12 (${name}): a strict mount is one subscribe on the wire and one delivery`, async () => {
      const { server, client, settle, seen, handler } = stage()
      await mountChannels(client, [{ name: 'room', handler }])
      await settle()
      server.publish('room', 'hello')
      await settle()
      expect(server.commands).toEqual(['subscribe room'])
      expect(seen).toEqual(['hello'])
    })

    it(`N12 (${name}): another handler or event causes no traffic, and the latest handler is called`, async () => {
      const { server, client, settle, seen, handler } = stage()
      const old = (): void => void seen.push('the old handler')
      const view = await mountChannels(client, [{ name: 'room', handler: old }])
      await settle()
      await view.update([{ name: 'room', handler }])
      server.publish('room', 1)
      await settle()
      await view.update([{ name: 'room', event: 'typing', handler }])
      server.publish('room', 2)
      server.publish('room', 3, 'typing')
      await settle(LINGER_MS)
      expect(seen).toEqual([1, 3])
      expect(server.commands).toEqual(['subscribe room'])
    })

    it(`P2 (${name}): components share one socket and one subscription a channel; the last unmount ends it`, async () => {
      const { server, client, settle, seen, handler } = stage()
      const [a, b] = [
        { name: 'a', handler },
        { name: 'b', handler },
      ]
      const view = await mountChannels(client, [a, a, a, b])
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

    it(`C13 (${name}): after three reconnects an event is delivered once`, async () => {
      const { server, client, settle, seen, handler } = stage()
      await mountChannels(client, [{ name: 'room', handler }])
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
      const { server, client, settle } = stage()
      const view = await mountChannels(client, [{ name: null }])
      await settle(LINGER_MS)
      expect(server.transport.links).toHaveLength(0)
      await view.update([{ name: 'room' }])
      await settle()
      await view.update([{ name: null }])
      await settle(LINGER_MS)
      expect(server.commands).toEqual(['subscribe room', 'unsubscribe room'])
    })

    it(`messages: the cache first, then what was missed, then live, bounded (${name})`, async () => {
      const { server, client, settle } = stage()
      for (const data of [1, 2, 3]) server.publish('room', data)
      const first = await mountMessages(client, 'room', { from: 'earliest' })
      await settle()
      expect(first.shown.messages.map(({ data }) => data)).toEqual([1, 2, 3])
      await first.unmount()
      await settle(LINGER_MS)
      server.publish('room', 4)
      const second = await mountMessages(client, 'room', { limit: 4 })
      await settle()
      expect(second.shown.messages.map(({ data, source }) => [data, source])).toEqual([
        [1, 'cache'],
        [2, 'cache'],
        [3, 'cache'],
        [4, 'replay'],
      ])
      server.publish('room', 5)
      await settle()
      expect(second.shown.messages.map(({ data }) => data)).toEqual([2, 3, 4, 5])
      expect(server.commands).toEqual(['subscribe room', 'unsubscribe room', 'subscribe room'])
    })

    it(`messages: a gap stands where the messages are missing (${name})`, async () => {
      const { server, client, settle } = stage()
      server.publish('room', 1)
      const view = await mountMessages(client, 'room', { from: 'earliest' })
      await settle()
      await view.unmount()
      await settle(LINGER_MS)
      for (const data of [2, 3, 4]) server.publish('room', data)
      server.trim('room', 3)
      const again = await mountMessages(client, 'room')
      await settle()
      expect(again.shown.messages.map(({ data }) => data)).toEqual([1, 4])
      expect(again.shown.gaps).toMatchObject([{ reason: 'retention', from: 2, to: 3, at: 1 }])
    })

    it(`messages: those of an identity that has ended are shown no more (${name})`, async () => {
      const { server, client, settle } = stage()
      const view = await mountMessages(client, 'room')
      await settle()
      server.publish('room', 'for one')
      await settle()
      expect(view.shown.messages.map(({ data }) => data)).toEqual(['for one'])
      await act(async () => void (await client.logout()))
      await settle()
      expect(view.shown.messages).toEqual([])
    })

    it(`messages: those of the server are shown first and gone on after (${name})`, async () => {
      const { server, client, settle } = stage()
      const initialMessages: Message[] = []
      for (const data of [1, 2]) server.publish('room', data)
      server
        .client()
        .channel('room')
        .subscribe({ from: 'earliest' }, (message) => initialMessages.push(message))
      await settle()
      server.publish('room', 3)
      const view = await mountMessages(client, 'room', { initialMessages: initialMessages.slice(0, 2) })
      expect(view.shown.messages.map(({ data }) => data)).toEqual([1, 2])
      await settle()
      expect(view.shown.messages.map(({ data }) => data)).toEqual([1, 2, 3])
      await view.update(null)
      expect(view.shown.messages).toEqual([])
    })
  })
}
