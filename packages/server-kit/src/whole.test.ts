/** Client and hub together, on a virtual clock. */
import { type ChannelState, createClient, type Gap } from '@holdfast/core'
import { createVirtualClock, seededRandom } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import { createHub } from './hub.ts'
import { MemoryLog } from './log/memory.ts'
import { inProcess } from './testing/in-process.ts'
import { numbers } from './testing/start-hub.ts'

function stage(seed: number, maxEntries = 10_000) {
  const clock = createVirtualClock()
  const random = seededRandom(seed)
  const log = new MemoryLog({ clock, random })
  const hub = createHub({
    log,
    open: true,
    clock,
    random,
    ticker: (flush) => void clock.after(Math.floor(random.fraction() * 2), flush),
    channels: { '{name}': { authorize: () => true, retention: { maxEntries, maxAgeMs: 1e9 } } },
  })
  const network = inProcess(() => hub, clock, random, 8)
  const newClient = () => createClient({ transports: [network.transport], clock, random, away: false })
  const client = newClient()
  const publish = (channel: string, n: number) => hub.publish(channel, 'message', n, { id: `m${n}` })
  return { clock, random, log, hub, network, client, newClient, publish }
}

describe('client and hub', () => {
  it('N10: subscribing and reading history in the middle of publishing loses and doubles nothing, in any interleaving', async () => {
    const trials = 10_000
    for (let seed = 1; seed <= trials; seed++) {
      const { clock, random, client, publish, network } = stage(seed)
      client.connect()
      await clock.advance(100)
      const at = (): number => Math.floor(random.fraction() * 60)
      const count = 5 + Math.floor(random.fraction() * 20)
      const seen: unknown[] = []
      const late: unknown[] = []
      for (const n of numbers(1, count)) clock.after(at(), () => void publish('room', n))
      const room = client.channel('room')
      clock.after(at(), () => room.subscribe({ from: 'earliest' }, ({ data }) => seen.push(data)))
      clock.after(at(), () => room.subscribe({ from: 'earliest' }, ({ data }) => late.push(data)))
      if (seed % 3 === 0) clock.after(at(), () => network.cut())
      await clock.advance(30_000)
      const { messages } = await (async () => {
        const page = room.history({ limit: 1_000 })
        await clock.advance(100)
        return page
      })()
      const appended = messages.map(({ data }) => data)
      expect(appended, `seed ${seed}`).toHaveLength(count)
      expect(seen, `seed ${seed}`).toEqual(appended)
      expect(late, `seed ${seed}, the second subscriber`).toEqual(appended)
      await client.close()
    }
  }, 120_000)

  it('N8: every subscribe says whether it recovered, or which gap there is', async () => {
    const { clock, client, publish, network } = stage(1, 10)
    const states: ChannelState[] = []
    const room = client.channel('room')
    room.status$.subscribe((state) => states.push(state))
    room.subscribe(() => undefined)
    await clock.advance(100)
    const outage = async (count: number, first: number): Promise<void> => {
      network.cut()
      for (const n of numbers(first, first + count - 1)) await publish('room', n)
      await clock.advance(10_000)
    }
    await outage(3, 1)
    await outage(15, 4)
    const subscribed = states.filter(({ status }) => status === 'subscribed')
    expect(subscribed).toMatchObject([
      { recovered: true, gap: null },
      { recovered: true, gap: null },
      { recovered: false, gap: { reason: 'retention', from: 4, to: 8 } },
    ])
    await client.close()
  })

  it('L3 (memory): a tail that the log lost is told to who had seen it and to who had not, once, before what follows', async () => {
    const { clock, log, client, publish, network } = stage(3)
    const heard: unknown[] = []
    const room = client.channel('room')
    const onGap = ({ reason, from, to }: Gap): void => void heard.push(`${reason} ${from}-${to}`)
    room.subscribe({ onGap }, ({ data }) => heard.push(data))
    await clock.advance(100)
    for (const n of numbers(1, 5)) await publish('room', n)
    await clock.advance(100)
    log.loseTail(2)
    await publish('room', 6)
    await clock.advance(30_000)
    expect(heard).toEqual([1, 2, 3, 4, 5, 'lost-tail 4-5', 6])
    network.cut()
    await clock.advance(30_000)
    expect(heard).toHaveLength(7)

    const late: unknown[] = []
    const reader = client.channel('room').subscribe({ from: 'earliest' }, ({ data }) => late.push(data))
    await clock.advance(1_000)
    expect(late).toEqual([1, 2, 3, 6])
    reader()
    await client.close()
  })

  it('L3 (memory): a lost tail that only its publisher still knows of is told to every subscriber', async () => {
    const { clock, log, client, network, newClient } = stage(4)
    const heard: unknown[] = []
    const onGap = ({ reason, from, to }: Gap): void => void heard.push(`${reason} ${from}-${to}`)
    client.channel('room').subscribe({ onGap }, ({ data }) => heard.push(data))
    const publisher = newClient()
    const publish = async (n: number): Promise<void> => {
      const publishing = publisher.channel('room').publish('message', n)
      await clock.advance(100)
      await publishing
    }
    publisher.connect()
    await clock.advance(100)
    for (const n of numbers(1, 3)) await publish(n)
    await clock.advance(100)
    // Nobody is subscribed meanwhile, so that the hub itself forgets the channel.
    client.disconnect()
    await clock.advance(100)
    for (const n of numbers(4, 5)) await publish(n)
    expect(log.loseTail(2)).toBe(2)
    network.cut()
    await clock.advance(30_000)
    await publish(6)
    client.connect()
    await clock.advance(30_000)
    expect(heard).toEqual([1, 2, 3, 'lost-tail 4-5', 6])
    await publisher.close()
    await client.close()
  })

  it('K4: one position has one offset: of the publish, of the message and of the hub; ifTop takes it', async () => {
    const { clock, hub, client } = stage(5)
    const offsets: (string | null)[] = []
    const room = client.channel('room')
    room.subscribe(({ offset }) => offsets.push(offset))
    await clock.advance(100)
    const own = await hub.publish('room', 'message', 1)
    const options = own.offset === null ? {} : { ifTop: own.offset }
    const publishing = room.publishBatch([{ data: 2 }, { data: 3 }], options)
    await clock.advance(100)
    const { offset } = await publishing
    expect([offsets[0], offsets[2]]).toEqual([own.offset, offset])
    const next = room.publish('message', 4, { ifTop: offset ?? '' })
    await clock.advance(100)
    await next
    const late = room.publish('message', 5, { ifTop: offset ?? '' }).catch(({ top }) => top)
    await clock.advance(100)
    // What a server signed is taken too.
    const again = room.publish('message', 5, { ifTop: await late })
    await clock.advance(100)
    expect(await late).toContain(`${offsets[3]}.`)
    expect((await again).offset).toBe(offsets[4])
    await client.close()
  })
})
