import type { ListedMessage, Message, MessageListState } from '@holdfast/core'
import { describe, expect, it } from 'vitest'
import { passing, RECONNECT_MS, setStage } from '../kit/stage.ts'
import * as messages from './messages.ts'

const stage = setStage()

/** A room of 42 that keeps few messages. */
const keepsFive = { open: true, channels: { 'room:{id}': { retention: { maxEntries: 5 } } } }

async function say(hub: ReturnType<typeof stage.hub>, ...all: unknown[]): Promise<void> {
  for (const data of all) await hub.publish('room:42', 'message', data)
}

describe('messages', () => {
  it('have data, and a sender that the server has set', async () => {
    stage.hub({ authenticate: () => ({ id: 'ann' }) })
    const client = stage.client()
    const shown: string[] = []
    messages.read(client, (text) => shown.push(text))
    await passing()
    await Promise.all([client.channel('room:42').publish('message', { text: 'hello' }), passing()])
    expect(shown).toEqual(['ann: hello'])
  })

  it('go on where the store ends', async () => {
    const hub = stage.hub()
    const client = stage.client()
    await say(hub, 1, 2)
    const shown: Message[] = []
    const show = (message: Message): void => void shown.push(message)
    await Promise.all([messages.resume(client, show), passing()])
    client.disconnect()
    await passing()
    await say(hub, 3)
    client.connect()
    await passing()
    const again: Message[] = []
    await Promise.all([messages.resume(client, (message) => again.push(message)), passing()])
    await say(hub, 4)
    await passing()
    const toldOf = (all: readonly Message[]): unknown[] => all.map(({ data, source }) => `${data} ${source}`)
    expect(toldOf(shown)).toEqual(['1 replay', '2 replay', '3 replay', '4 live'])
    expect(toldOf(again)).toEqual(['1 cache', '2 cache', '3 cache', '4 live'])
  })

  it('that are gone are told in their place', async () => {
    const hub = stage.hub(keepsFive)
    const client = stage.client()
    const shown: string[] = []
    let refetches = 0
    messages.readWithGaps(client, (text) => shown.push(text))
    messages.refetchAtGaps(client, () => refetches++)
    await passing()
    await say(hub, 'a')
    await passing()
    stage.network.cut()
    await say(hub, ...'bcdefghij')
    await passing(RECONNECT_MS)
    expect(shown).toEqual(['a', '4 messages are gone', 'f', 'g', 'h', 'i', 'j'])
    expect(refetches).toBe(1)
  })

  it('are read page by page', async () => {
    const hub = stage.hub()
    for (let n = 1; n <= 250; n++) await say(hub, n)
    const client = stage.client()
    client.connect()
    await passing()
    const [all] = await Promise.all([messages.allOf(client, 'room:42'), passing()])
    expect(all.map(({ data }) => data)).toEqual(Array.from({ length: 250 }, (_, at) => at + 1))
  })

  it('come in batches, and as bytes', async () => {
    const hub = stage.hub()
    await say(hub, 1, 2, 3)
    const client = stage.client()
    const batches: unknown[][] = []
    messages.readBatches(client, (batch) => batches.push(batch.map(({ data }) => data)))
    await passing()
    await Promise.all([messages.sendBytes(client, new Uint8Array([1, 255])), passing()])
    expect(batches).toEqual([[1, 2, 3], [new Uint8Array([1, 255])]])
  })

  it('are kept in a list', async () => {
    const hub = stage.hub()
    let shown: MessageListState | null = null
    const stop = messages.keepList(stage.client(), (state) => {
      shown = state
    })
    await passing()
    expect(shown).toMatchObject({ messages: [], isLoading: false, error: null })
    await say(hub, 'hello')
    await passing()
    const listed: readonly ListedMessage[] = (shown as MessageListState | null)?.messages ?? []
    expect(listed.map(({ data }) => data)).toEqual(['hello'])
    stop()
  })
})
