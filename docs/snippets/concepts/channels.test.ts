import type { Gap, Message } from '@holdfast/core'
import { describe, expect, it, vi } from 'vitest'
import { LINGER_MS, passing, RECONNECT_MS, setStage } from '../kit/stage.ts'
import * as channels from './channels.ts'

const stage = setStage()
const dataOf = (messages: readonly Message[]): unknown[] => messages.map(({ data }) => data)

describe('a channel', () => {
  it('is left after the linger when the last listener goes', async () => {
    const hub = stage.hub()
    const left: string[] = []
    hub.on('unsubscribe', ({ channel }) => left.push(channel))
    const room = channels.listen(stage.client(), () => undefined)
    const end = room.subscribe(() => undefined)
    await passing()
    end()
    await passing(2_000)
    expect(left).toEqual([])
    await passing(LINGER_MS)
    expect(left).toEqual(['room:42'])
  })

  it('hands over one event, and begins where it is told to', async () => {
    const hub = stage.hub()
    await hub.publish('room:42', 'message', 'before')
    const rung: unknown[] = []
    await channels.listenTo(
      stage.client(),
      (data) => rung.push(data),
      () => undefined,
    )
    await passing()
    expect(rung).toEqual(['before'])
    await hub.publish('room:42', 'typing', 'ann')
    await hub.publish('room:42', 'message', 'after')
    await passing()
    expect(rung).toEqual(['before', 'after', 'after'])
  })

  it('begins at any of these places', async () => {
    const hub = stage.hub()
    const offsets: (string | null)[] = []
    for (let n = 1; n <= 30; n++) {
      if (n === 6) await passing(3_600_001)
      offsets.push((await hub.publish('log', 'message', n)).offset)
    }
    const shown: unknown[] = []
    await channels.listenFrom(stage.client(), ({ data }) => shown.push(data), offsets[27] ?? '')
    await passing()
    // earliest: 30, last: 20, since: 25, offset: 2.
    expect(shown).toHaveLength(77)
    const timesOf = (n: number): number => shown.filter((data) => data === n).length
    expect([1, 6, 11, 29].map(timesOf)).toEqual([1, 2, 3, 4])
    await hub.publish('log', 'message', 'live')
    await passing()
    expect(shown.slice(77)).toEqual(Array(5).fill('live'))
  })

  it('brings what is published once it is ready', async () => {
    stage.hub()
    const shown: Message[] = []
    await Promise.all([channels.listenSafely(stage.client(), (message) => shown.push(message)), passing()])
    expect(dataOf(shown)).toEqual([{ text: 'hello' }])
  })

  it('says how it stands', async () => {
    const hub = stage.hub({
      open: false,
      channels: { 'room:{id}': { authorize: ({ params }) => params.id !== '7' } },
    })
    const client = stage.client()
    const told: string[] = []
    const room = channels.watch(client, (text) => told.push(text))
    room.subscribe(() => undefined)
    await passing()
    stage.network.cut()
    await passing(RECONNECT_MS)
    expect(told).toEqual(['idle', 'subscribing', 'up to date', 'subscribing', 'up to date'])
    const refused = client.channel('room:7')
    refused.subscribe(() => undefined)
    await passing()
    expect(refused.status$.value).toMatchObject({ status: 'denied', error: { code: 'forbidden' } })
    const unknown = client.channel('rom:42')
    unknown.subscribe(() => undefined)
    await passing()
    expect(unknown.status$.value).toMatchObject({ status: 'denied', error: { code: 'unknown_channel' } })
    expect(hub.health().channels).toBe(1)
  })

  it('is observed', async () => {
    const hub = stage.hub()
    const log = vi.spyOn(console, 'log').mockReturnValue()
    const shown: Message[] = []
    const told: Gap[] = []
    channels.observe(
      stage.client(),
      (message) => shown.push(message),
      (gap) => told.push(gap),
    )
    expect(log).toHaveBeenCalledWith({ status: 'subscribing' })
    await passing()
    await hub.publish('room:42', 'message', 'hello')
    await passing()
    expect(dataOf(shown)).toEqual(['hello'])
    expect(told).toEqual([])
  })

  it('keeps nothing where it is ephemeral', async () => {
    const hub = stage.use(channels.hubWithCursors())
    const client = stage.client()
    const cursors = client.channel('cursors:42')
    const shown: Message[] = []
    const gaps: Gap[] = []
    cursors.subscribe({ onGap: (gap) => gaps.push(gap) }, (message) => shown.push(message))
    await passing()
    await hub.publish('cursors:42', 'moved', { x: 1 })
    await passing()
    expect(shown).toMatchObject([{ data: { x: 1 }, offset: null }])
    await expect(Promise.all([cursors.history(), passing()])).rejects.toMatchObject({ code: 'not_durable' })
    stage.network.cut()
    await hub.publish('cursors:42', 'moved', { x: 2 })
    await passing(RECONNECT_MS)
    expect(shown).toHaveLength(1)
    expect(gaps).toMatchObject([{ reason: 'not-kept', from: null, to: null }])
  })

  it('an ephemeral channel hands out again what is sent again after a lost answer', async () => {
    const hub = stage.use(channels.hubWithCursors())
    const taken: string[] = []
    hub.on('publish', ({ channel, ids }) => {
      // The hub has it; the answer is lost, the first time.
      if (!taken.includes(`${channel} ${ids}`)) stage.network.cut()
      taken.push(`${channel} ${ids}`)
    })
    const client = stage.client()
    for (const name of ['cursors:42', 'room:42']) {
      const sent = client.channel(name).publish('message', 1, { id: 'one' })
      await Promise.all([sent, passing(30_000)])
    }
    expect(taken).toEqual(['cursors:42 one', 'cursors:42 one', 'room:42 one'])
  })
})
