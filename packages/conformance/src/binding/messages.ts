/** What components show that list a channel's messages. */
import type { Message } from '@holdfast/core'
import { expect, it } from 'vitest'
import type { Binding } from './binding.ts'
import { dataOf, LINGER_MS, stageOf } from './stage.ts'

export function messageCases(binding: Binding): void {
  const { name, mountChannels, mountMessages, act } = binding

  it(`messages: the cache first, then what was missed, then live, bounded (${name})`, async () => {
    const { server, client, settle } = stageOf(binding)
    for (const data of [1, 2, 3]) server.publish('room', data)
    const first = await mountMessages(client, 'room', { from: 'earliest' })
    expect(first.shown.isLoading).toBe(true)
    await settle()
    expect(dataOf(first.shown)).toEqual([1, 2, 3])
    expect(first.shown).toMatchObject({ isLoading: false, status: { status: 'subscribed' } })
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
    expect(dataOf(second.shown)).toEqual([2, 3, 4, 5])
    expect(server.commands).toEqual(['subscribe room', 'unsubscribe room', 'subscribe room'])
  })

  it(`messages: a list and a handler of one channel share its subscription, each from its own place (${name})`, async () => {
    const { server, client, settle, seen, handler } = stageOf(binding)
    for (const data of [1, 2]) server.publish('room', data)
    await mountChannels(client, [{ name: 'room', handler }], 'hook')
    const view = await mountMessages(client, 'room', { from: 'earliest' })
    await settle()
    server.publish('room', 3)
    await settle()
    expect(dataOf(view.shown)).toEqual([1, 2, 3])
    expect(seen).toEqual([3])
    expect(server.commands).toEqual(['subscribe room'])
  })

  it(`messages: those of one event where one is named (${name})`, async () => {
    const { server, client, settle } = stageOf(binding)
    const view = await mountMessages(client, 'room', { event: 'note' })
    await settle()
    server.publish('room', 'typing', 'typing')
    server.publish('room', 'a note', 'note')
    await settle()
    expect(dataOf(view.shown)).toEqual(['a note'])
  })

  it(`messages: a gap stands where the messages are missing (${name})`, async () => {
    const { server, client, settle } = stageOf(binding)
    server.publish('room', 1)
    const view = await mountMessages(client, 'room', { from: 'earliest' })
    await settle()
    await view.unmount()
    await settle(LINGER_MS)
    for (const data of [2, 3, 4]) server.publish('room', data)
    server.trim('room', 3)
    const again = await mountMessages(client, 'room')
    await settle()
    expect(dataOf(again.shown)).toEqual([1, 4])
    expect(again.shown.gaps).toMatchObject([{ reason: 'retention', from: 2, to: 3, at: 1 }])
  })

  it(`messages: those of an identity that has ended are shown no more (${name})`, async () => {
    const { server, client, settle } = stageOf(binding)
    const view = await mountMessages(client, 'room')
    await settle()
    server.publish('room', 'for one')
    await settle()
    expect(dataOf(view.shown)).toEqual(['for one'])
    await act(async () => void (await client.logout()))
    await settle()
    expect(view.shown.messages).toEqual([])
  })

  it(`messages: those of the server are shown first and gone on after (${name})`, async () => {
    const { server, client, settle } = stageOf(binding)
    const initialMessages: Message[] = []
    for (const data of [1, 2]) server.publish('room', data)
    server
      .client()
      .channel('room')
      .subscribe({ from: 'earliest' }, (message) => initialMessages.push(message))
    await settle()
    server.publish('room', 3)
    const view = await mountMessages(client, 'room', { initialMessages: initialMessages.slice(0, 2) })
    expect(dataOf(view.shown)).toEqual([1, 2])
    await settle()
    expect(dataOf(view.shown)).toEqual([1, 2, 3])
    await view.update(null)
    expect(view.shown.messages).toEqual([])
  })

  it(`messages: another name shows another list (${name})`, async () => {
    const { server, client, settle } = stageOf(binding)
    server.publish('a', 'of a')
    server.publish('b', 'of b')
    const view = await mountMessages(client, 'a', { from: 'earliest' })
    await settle()
    await view.update('b')
    expect(view.shown.messages).toEqual([])
    await settle()
    expect(dataOf(view.shown)).toEqual(['of b'])
    await settle(LINGER_MS)
    expect(server.commands.at(-1)).toBe('unsubscribe a')
  })

  it(`messages: a name that is none is told, and breaks nothing (${name})`, async () => {
    const { server, client, settle } = stageOf(binding)
    const view = await mountMessages(client, 'a\nb')
    await settle()
    expect(view.shown).toMatchObject({ messages: [], isLoading: false, error: { code: 'bad_channel' } })
    await view.update('room')
    await settle()
    expect(view.shown).toMatchObject({ error: null, status: { status: 'subscribed' } })
    expect(server.commands).toEqual(['subscribe room'])
  })
}
