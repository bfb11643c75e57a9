// @vitest-environment happy-dom
import 'fake-indexeddb/auto'
import { MessageList, type PublishError } from '@holdfast/core'
import { HubError } from '@holdfast/server-kit'
import { describe, expect, it, vi } from 'vitest'
import { passing, RECONNECT_MS, setStage } from '../kit/stage.ts'
import * as publishing from './publishing.ts'

const stage = setStage()

/** Waits for a promise while time passes. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const [result] = await Promise.all([promise, passing(ms)])
  return result
}

async function dataIn(hub: ReturnType<typeof stage.hub>, channel: string): Promise<unknown[]> {
  const reader = stage.client()
  const seen: unknown[] = []
  reader.channel(channel).subscribe({ from: 'earliest' }, ({ data }) => seen.push(data))
  await passing()
  expect(hub.health().status).toBe('ok')
  return seen
}

describe('a publish', () => {
  it('answers where it is stored', async () => {
    stage.hub()
    const result = await within(0, publishing.publish(stage.client()))
    expect(result).toMatchObject({ duplicate: false, timestamp: Date.now() })
    expect(result.offset).toMatch(/^\d{16}_/)
  })

  it('that was rejected says what to do about it, and is not sent again by itself', async () => {
    let isAllowed = false
    const hub = stage.hub({ channels: { 'room:{id}': { onPublish: () => isAllowed } } })
    const told: string[] = []
    const retries: (() => void)[] = []
    const offer = (retry: () => void): void => void retries.push(retry)
    await within(
      0,
      publishing.publishOrOffer(stage.client(), (text) => told.push(text), offer),
    )
    expect(told).toHaveLength(1)
    expect(told[0]).toMatch(/^\S.* \(forbidden, rejected\)$/)
    isAllowed = true
    await passing(60_000)
    const seen = await dataIn(hub, 'room:42')
    expect(seen).toEqual([])
    retries[0]?.()
    await passing()
    expect(seen).toEqual([{ text: 'hello' }])
  })

  it('of which nobody knows may be tried again, and is stored once', async () => {
    const hub = stage.hub()
    const client = stage.client({ outbox: false })
    client.connect()
    await passing()
    // The server stores it, and the answer is lost.
    const unlisten = hub.on('publish', () => {
      unlisten()
      stage.network.cut()
    })
    const told: string[] = []
    const retries: (() => unknown)[] = []
    const offer = (retry: () => void): void => void retries.push(retry)
    await within(
      RECONNECT_MS,
      publishing.publishOrOffer(client, (text) => told.push(text), offer),
    )
    expect(told[0]).toContain('(network, unknown)')
    const again = retries[0]?.() as ReturnType<PublishError['retry']>
    expect(await within(0, again)).toMatchObject({ duplicate: true })
    expect(await dataIn(hub, 'room:42')).toHaveLength(1)
  })

  it('can be taken back while no server may have it', async () => {
    const hub = stage.hub()
    const log = vi.spyOn(console, 'log').mockReturnValue()
    const { sending, isBack } = publishing.publishByHand(stage.client())
    expect(isBack).toBe(true)
    await expect(within(0, sending)).rejects.toMatchObject({ code: 'cancelled', outcome: 'rejected' })
    expect(log.mock.calls.flat()).toEqual(['it is in the outbox', 'it failed, or was taken back'])
    expect(await dataIn(hub, 'room:42')).toEqual([])
  })

  it('waits in the outbox, and expires there', async () => {
    const client = stage.own(publishing.clientWithOutbox())
    const shown: number[] = []
    publishing.watchOutbox(client, (count) => shown.push(count))
    // The identity is known first; then the server is gone.
    stage.hub()
    client.connect()
    await passing(1_000)
    const { hub } = stage.network
    stage.network.hub = null
    stage.network.cut()
    const sent = client.channel('room:42').publish('message', 1)
    await passing(1_000)
    stage.network.hub = hub
    await within(30_000, sent)
    stage.network.hub = null
    stage.network.cut()
    const late = client.channel('room:42').publish('message', 2)
    await expect(within(3_600_001, late)).rejects.toMatchObject({ code: 'expired', outcome: 'rejected' })
    expect(shown.filter((count, at) => count !== shown[at - 1])).toEqual([0, 1, 0, 1, 0])
  })

  it('with an id of its own is stored once, and other data under it is refused', async () => {
    const hub = stage.hub()
    const client = stage.client()
    await within(0, publishing.pay(client, { id: '7', total: 10 }))
    await within(0, publishing.pay(client, { id: '7', total: 10 }))
    expect(await dataIn(hub, 'orders')).toEqual([{ id: '7', total: 10 }])
    await expect(within(0, publishing.pay(client, { id: '7', total: 11 }))).rejects.toMatchObject({
      code: 'idempotency_conflict',
    })
  })

  it('of several messages is stored whole or not at all', async () => {
    let isOpen = false
    const hub = stage.hub({
      channels: {
        'room:{id}': {
          onPublish: ({ data }) => isOpen || (data as { piece: string }).piece !== 'king',
        },
      },
    })
    const client = stage.client()
    await expect(within(0, publishing.publishTogether(client))).rejects.toMatchObject({ code: 'forbidden' })
    expect(await dataIn(hub, 'room:42')).toEqual([])
    isOpen = true
    await within(0, publishing.publishTogether(client))
    expect(await dataIn(hub, 'room:42')).toMatchObject([{ piece: 'rook' }, { piece: 'king' }])
  })

  it('with ifTop is taken only where nobody was first', async () => {
    const hub = stage.hub()
    const client = stage.client()
    client.connect()
    await passing()
    for (let n = 0; n < 3; n++) await within(0, publishing.addOne(client, 'counter'))
    expect(await dataIn(hub, 'counter')).toEqual([1, 2, 3])
    const both = Promise.allSettled([
      publishing.addOne(client, 'counter'),
      publishing.addOne(client, 'counter'),
    ])
    const outcomes = await within(0, both)
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'conflict' },
    })
    expect(await dataIn(hub, 'counter')).toEqual([1, 2, 3, 4])
  })

  it('that is volatile is not kept for later', async () => {
    const client = stage.client()
    publishing.showTyping(client)
    await passing()
    const hub = stage.hub()
    await passing(30_000)
    expect(await dataIn(hub, 'typing:42')).toEqual([])
    publishing.showTyping(client)
    await passing()
    expect(await dataIn(hub, 'typing:42')).toEqual([{ name: 'Ann' }])
  })

  it('is shown at once, and says how it fares', async () => {
    let isAllowed = true
    const hub = stage.hub({
      channels: {
        'room:{id}': {
          onPublish: () => {
            if (!isAllowed) throw new HubError('forbidden')
          },
        },
      },
    })
    const client = stage.client()
    const list = new MessageList(client, 'room:42')
    const labels: string[] = []
    list.watch(() => labels.push(list.state.messages.map(publishing.labelOf).join('|')))
    await passing()
    await within(0, client.channel('room:42').publish('message', 'one'))
    expect(labels.filter((label, at) => label !== labels[at - 1])).toEqual(['', 'sending…', ''])
    isAllowed = false
    await within(
      0,
      client
        .channel('room:42')
        .publish('message', 'two')
        .catch(() => undefined),
    )
    expect(labels.at(-1)).toMatch(/^\|not sent: ./)
    expect(hub.health().sessions).toBe(1)
  })
})
