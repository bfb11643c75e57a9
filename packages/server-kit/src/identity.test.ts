/** Client and hub together, on a virtual clock: who the client is, and what that does to what it hears. */
import { type ClientOptions, createClient, type Gap } from '@holdfast/core'
import { createVirtualClock, seededRandom } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { createHub } from './hub.ts'
import { MemoryLog } from './log/memory.ts'
import type { HubOptions } from './options.ts'
import { inProcess } from './testing/in-process.ts'
import { numbers } from './testing/start-hub.ts'

function stage(clientOptions: Partial<ClientOptions>, hubOptions: Partial<HubOptions> = {}) {
  const clock = createVirtualClock()
  const random = seededRandom(1)
  const log = new MemoryLog({ clock, random })
  const ticker = (flush: () => void) => void clock.after(0, flush)
  const hub = createHub({ log, open: true, clock, random, ticker, ...hubOptions })
  const network = inProcess(() => hub, clock, random, 8)
  const client = createClient({
    transports: [network.transport],
    clock,
    random,
    away: false,
    ...clientOptions,
  })
  const heard: unknown[] = []
  const onGap = ({ reason }: Gap): void => void heard.push(reason)
  const publish = (n: number) => hub.publish('room', 'message', n, { id: `m${n}` })
  /** Publishes while the client is away for a moment. */
  const outage = async (...missed: number[]): Promise<void> => {
    network.cut()
    for (const n of missed) await publish(n)
    await clock.advance(10_000)
  }
  return { clock, client, heard, onGap, publish, outage }
}

describe('client and hub: identity', () => {
  it('a client whose auth answers null is one anonymous identity through every reconnect, and misses nothing', async () => {
    const { clock, client, heard, onGap, publish, outage } = stage({ auth: () => null })
    client.channel('room').subscribe({ onGap }, ({ data }) => heard.push(data))
    await clock.advance(100)
    const before = client.identity$.value
    for (const n of numbers(1, 5)) await publish(n)
    await outage(6, 7, 8)
    await outage(9, 10)
    await publish(11)
    await clock.advance(100)
    expect(heard).toEqual(numbers(1, 11))
    expect(client.identity$.value).toEqual(before)
    expect(before).toMatchObject({ isAnonymous: true })
    await client.close()
  })

  it('a channel that goes on as somebody else tells a gap before the next message', async () => {
    let user = 'ann'
    const { clock, client, heard, onGap, publish, outage } = stage(
      { auth: () => ({ token: user }) },
      { authenticate: ({ token }) => (token === undefined ? undefined : { id: token }) },
    )
    client.channel('room').subscribe({ onGap }, ({ data }) => heard.push(data))
    await clock.advance(100)
    for (const n of [1, 2]) await publish(n)
    await clock.advance(100)
    user = 'bob'
    await outage(3, 4)
    await publish(5)
    await clock.advance(100)
    expect(heard).toEqual([1, 2, 'reset', 5])
    expect(client.identity$.value?.id).toBe('bob')
    await client.close()
  })

  it('logging out tells whoever listens on, before anything of the next identity', async () => {
    let user = 'ann'
    const { clock, client, heard, onGap, publish } = stage(
      { auth: () => ({ token: user }) },
      { authenticate: ({ token }) => (token === undefined ? undefined : { id: token }) },
    )
    client.channel('room').subscribe({ onGap }, ({ data }) => heard.push(data))
    await clock.advance(100)
    await publish(1)
    await clock.advance(100)
    await client.logout()
    expect(heard).toEqual([1, 'reset'])
    await publish(2)
    user = 'bob'
    client.connect()
    await clock.advance(1_000)
    await publish(3)
    await clock.advance(100)
    expect(heard).toEqual([1, 'reset', 3])
    await client.close()
  })

  it('a second listener whose older messages the server does not give is told so, and its ready rejects', async () => {
    const { clock, client, heard, onGap, publish } = stage(
      {},
      { channels: { room: { authorize: ({ action }) => action !== 'history' } } },
    )
    const room = client.channel('room')
    const offsets: (string | null)[] = []
    room.subscribe(({ offset }) => offsets.push(offset))
    await clock.advance(100)
    for (const n of numbers(1, 5)) await publish(n)
    await clock.advance(100)
    const late = room.subscribe({ from: offsets[1] as string, onGap }, ({ data }) => heard.push(data))
    const refused = expect(late.ready).rejects.toMatchObject({ code: 'forbidden' })
    await clock.advance(1_000)
    await refused
    await publish(6)
    await clock.advance(100)
    expect(heard).toEqual(['too-far', 6])
    await client.close()
  })
})
