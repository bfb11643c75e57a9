import { afterEach, describe, expect, it } from 'vitest'
import { endHubs, join, startHub } from './testing/start-hub.ts'

afterEach(endHubs)

describe('hub.history', () => {
  it('answers the newest messages as clients have them, and pages in both directions', async () => {
    const hub = startHub()
    for (let n = 1; n <= 5; n++) await hub.publish('room', 'note', { n }, { id: `m${n}`, meta: { n } })
    const newest = await hub.history('room', { limit: 2 })
    expect(newest).toMatchObject({ hasMore: true, gap: null })
    expect(newest.messages).toMatchObject([
      {
        id: 'm4',
        channel: 'room',
        event: 'note',
        data: { n: 4 },
        sender: null,
        meta: { n: 4 },
        source: 'replay',
      },
      { id: 'm5', data: { n: 5 } },
    ])
    const [fourth] = newest.messages
    const before = await hub.history('room', { before: fourth?.offset ?? '' })
    expect(before.messages.map(({ id }) => id)).toEqual(['m1', 'm2', 'm3'])
    const after = await hub.history('room', { after: fourth?.offset ?? '', limit: 1 })
    expect(after.messages.map(({ id }) => id)).toEqual(['m5'])
  })

  it('gives offsets from which a client goes on without a hole', async () => {
    const hub = startHub()
    for (const id of ['m1', 'm2']) await hub.publish('room', 'message', id, { id })
    const { messages } = await hub.history('room')
    await hub.publish('room', 'message', 'm3', { id: 'm3' })
    const client = await join(hub)
    const from = { after: messages.at(-1)?.offset ?? '' }
    const { channels } = await client.ok({ type: 'subscribe', channels: [{ channel: 'room', from }] })
    expect(channels).toMatchObject([{ recovered: true }])
    await client.ok({ type: 'ping' })
    const items = client.link.frames.flatMap((frame) => (frame.type === 'messages' ? frame.items : []))
    expect(items).toMatchObject([{ id: 'm3' }])
  })

  it('shows what onMessage lets pass, and tells of what is gone', async () => {
    const hub = startHub({
      channels: {
        room: {
          retention: { maxEntries: 2 },
          onMessage: ({ data }) => (data === 'secret' ? null : { data: `${data}!` }),
        },
      },
    })
    const { offset } = await hub.publish('room', 'message', 'first')
    for (const data of ['x', 'y', 'secret', 'open']) await hub.publish('room', 'message', data)
    const page = await hub.history('room', { after: offset ?? '' })
    expect(page.messages.map(({ data }) => data)).toEqual(['open!'])
    expect(page.gap).toMatchObject({ reason: 'retention', from: 2, to: 3 })
  })

  it('refuses what cannot be read', async () => {
    const hub = startHub({ channels: { live: { durable: false } }, open: true })
    await expect(hub.history('live')).rejects.toMatchObject({ code: 'not_durable' })
    await expect(hub.history('room', { before: 'x' })).rejects.toMatchObject({ code: 'bad_cursor' })
    await expect(hub.history('room', { limit: 0 })).rejects.toMatchObject({ code: 'bad_cursor' })
    await expect(hub.history('a\nb')).rejects.toMatchObject({ code: 'bad_channel' })
    expect(await hub.history('empty')).toEqual({ messages: [], hasMore: false, gap: null })
  })
})
