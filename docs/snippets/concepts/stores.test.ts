// @vitest-environment happy-dom
import { IDBFactory } from 'fake-indexeddb'
import 'fake-indexeddb/auto'
import type { Client, Message } from '@holdfast/core'
import { describe, expect, it, vi } from 'vitest'
import { passing, RECONNECT_MS, setStage } from '../kit/stage.ts'
import * as stores from './stores.ts'

const stage = setStage()

async function closed(client: Client): Promise<void> {
  await Promise.all([client.close(), passing(1_000)])
}

async function held(client: Client): Promise<{ messages: readonly Message[]; lastOffset: string | null }> {
  let messages: readonly Message[] = []
  const show = (all: readonly Message[]): void => {
    messages = all
  }
  const [lastOffset] = await Promise.all([stores.showHeld(client, show), passing(RECONNECT_MS)])
  return { messages, lastOffset }
}

describe('a store', () => {
  it('keeps messages, their place and the outbox across reloads', async () => {
    vi.stubGlobal('indexedDB', new IDBFactory())
    const hub = stage.hub()
    const first = stores.clientWithStore()
    first.channel('room:42').subscribe({ from: 'earliest' }, () => undefined)
    await passing(1_000)
    for (let n = 1; n <= 1_200; n++) await hub.publish('room:42', 'message', n)
    await passing(1_000)
    stage.network.hub = null
    stage.network.cut()
    first
      .channel('room:42')
      .publish('message', 'written offline')
      .catch(() => undefined)
    await passing(1_000)
    await closed(first)

    const second = stage.own(stores.clientWithStore())
    const { messages, lastOffset } = await held(second)
    expect(messages.length).toBeGreaterThanOrEqual(500)
    expect(messages.length).toBeLessThan(1_200)
    expect(messages.at(-1)).toMatchObject({ data: 1_200, offset: lastOffset, source: 'cache' })
    expect(second.outbox$.value).toMatchObject([{ channel: 'room:42', state: 'waiting' }])
    const seen: unknown[] = []
    second.channel('room:42').subscribe(({ data }) => seen.push(data))
    stage.network.hub = hub
    await passing(30_000)
    expect(seen).toEqual(['written offline'])
    expect(second.outbox$.value).toEqual([])
  })

  it('goes on in memory where there is no database, and says so', async () => {
    vi.stubGlobal('indexedDB', undefined)
    const hub = stage.hub()
    const client = stage.own(stores.clientWithStore())
    const told: string[] = []
    stores.warn(client, (text) => told.push(text))
    client.channel('room:42').subscribe({ from: 'earliest' }, () => undefined)
    await hub.publish('room:42', 'message', 'hello')
    await passing(10_000)
    expect(told[0]).toContain('forgets its messages')
    expect((await held(client)).messages).toMatchObject([{ data: 'hello' }])
  })

  it('of a page on a server opens nothing, and is let go of', async () => {
    const html = await stores.onServer(async (client) => `${client.status} ${client.channel('room').name}`)
    expect(html).toBe('OFFLINE room')
    expect(stage.network.open).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })
})
