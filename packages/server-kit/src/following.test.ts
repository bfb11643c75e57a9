import { createVirtualClock } from '@holdfast/core/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { MemoryLog, memoryLog } from './log/memory.ts'
import type { HubMutant } from './options.ts'
import { type FakeClient, turnOfLoop, until } from './testing/fake-client.ts'
import { observeLog } from './testing/observed-log.ts'
import { endHubs, join, numbers, startHub } from './testing/start-hub.ts'

afterEach(endHubs)

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await turnOfLoop()
}

/** Small and repeatable. */
function dice(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % below
  }
}

describe('following the log', () => {
  it('R3: every message appended after the answer to a subscribe arrives (10,000 trials)', async () => {
    const hub = startHub()
    for (let trial = 0; trial < 10_000; trial++) {
      const roll = dice(trial)
      const bob = await join(hub)
      const channel = `room-${roll(3)}`
      const noise = (async () => {
        for (let n = 0; n < roll(6); n++) {
          await hub.publish(channel, 'noise', 'noise')
          if (roll(2)) await turnOfLoop()
        }
      })()
      await bob.ok({ type: 'subscribe', channels: [{ channel }] })
      for (const n of numbers(1, 3)) await hub.publish(channel, 'message', n)
      await noise
      await until(() => bob.received(channel).filter((data) => data !== 'noise').length === 3 || undefined)
      expect(bob.received(channel).filter((data) => data !== 'noise')).toEqual([1, 2, 3])
      bob.session.closed()
    }
  }, 60_000)

  it('N11: publishing right after the answer is received, also on a channel never written', async () => {
    const hub = startHub()
    const bob = await join(hub)
    const ok = await bob.ok({ type: 'subscribe', channels: [{ channel: 'new' }] })
    expect(ok.channels?.[0]?.position).toMatch(/^0{16}_/)
    await hub.publish('new', 'message', 1)
    expect(await bob.untilReceived('new', 1)).toEqual([1])
  })

  it('R4 (hub): replays everything after the offset, then goes live, under concurrent publishing', async () => {
    for (let seed = 0; seed < 60; seed++) {
      const roll = dice(seed)
      const hub = startHub()
      const { offset } = await hub.publish('room', 'message', 0)
      const history = roll(2_500)
      for (const n of numbers(1, history)) await hub.publish('room', 'message', n)
      const bob = await join(hub)
      const subscribed = bob.ok({
        type: 'subscribe',
        channels: [{ channel: 'room', from: { after: offset as string } }],
      })
      const total = history + 1 + roll(50)
      for (const n of numbers(history + 1, total)) {
        await hub.publish('room', 'message', n)
        if (roll(3) === 0) await turnOfLoop()
      }
      await subscribed
      expect(await bob.untilReceived('room', total)).toEqual(numbers(1, total))
    }
  })

  it('R5: two subscribers at different offsets each get their own history', async () => {
    const hub = startHub()
    const offsets: string[] = []
    for (const n of numbers(1, 9)) offsets.push((await hub.publish('room', 'message', n)).offset as string)
    const [alice, bob] = [await join(hub), await join(hub)]
    await alice.ok({ type: 'subscribe', channels: [{ channel: 'room', resume: [offsets[2] as string] }] })
    await bob.ok({ type: 'subscribe', channels: [{ channel: 'room', resume: [offsets[6] as string] }] })
    await hub.publish('room', 'message', 10)
    expect(await alice.untilReceived('room', 7)).toEqual(numbers(4, 10))
    expect(await bob.untilReceived('room', 3)).toEqual(numbers(8, 10))
  })

  it('L1: what is published between the read and going live is neither lost nor doubled', async () => {
    const observed = observeLog(memoryLog())
    const hub = startHub({ log: observed.log })
    const { offset } = await hub.publish('room', 'message', 0)
    let next = 1
    let races = 0
    const publish = async (): Promise<void> => {
      await hub.publish('room', 'message', next++)
    }
    observed.meanwhile = async () => {
      if (races++ > 20) return
      await publish()
      await turnOfLoop()
      await publish()
    }
    const bob = await join(hub)
    await bob.ok({ type: 'subscribe', channels: [{ channel: 'room', from: { after: offset as string } }] })
    await turns(50)
    observed.meanwhile = () => undefined
    await publish()
    expect(await bob.untilReceived('room', next - 1)).toEqual(numbers(1, next - 1))
    expect(races).toBeGreaterThan(0)
  })

  for (const mutant of [null, 'replay-before-subscribe', 'no-buffer'] satisfies (HubMutant | null)[]) {
    const outcome = mutant ? `is lost by the mutant ${mutant}` : 'arrives'
    it(`L1: what is published between a read and its answer ${outcome}`, async () => {
      const observed = observeLog(memoryLog())
      const hub = startHub({ log: observed.log, mutants: new Set(mutant ? [mutant] : []) })
      const { offset } = await hub.publish('room', 'message', 0)
      const bob = await join(hub)
      observed.afterRead = async () => {
        observed.afterRead = () => undefined
        await hub.publish('room', 'message', 1)
        await turnOfLoop()
      }
      await bob.ok({ type: 'subscribe', channels: [{ channel: 'room', from: { after: offset as string } }] })
      await turns(20)
      expect(bob.received('room')).toEqual(mutant ? [] : [1])
    })
  }

  it('L2: a doorbell lost while the hole before it is being read is found too', async () => {
    const observed = observeLog(memoryLog())
    const hub = startHub({ log: observed.log })
    const bob = await join(hub)
    await bob.ok({ type: 'subscribe', channels: [{ channel: 'room' }] })
    observed.hears = ({ first }) => first.seq !== 1 && first.seq !== 3
    observed.afterRead = async () => {
      observed.afterRead = () => undefined
      await hub.publish('room', 'message', 3)
      await hub.publish('room', 'message', 4)
    }
    await hub.publish('room', 'message', 1)
    await hub.publish('room', 'message', 2)
    expect(await bob.untilReceived('room', 4)).toEqual([1, 2, 3, 4])
  })

  it('an answer leaves before the frames that follow it, also when another subscriber comes in the same tick', async () => {
    const hub = startHub()
    const [alice, bob, carol] = [await join(hub), await join(hub), await join(hub)]
    await carol.ok({ type: 'subscribe', channels: [{ channel: 'room' }] })
    const first = alice.ok({ type: 'subscribe', channels: [{ channel: 'room' }] })
    for (let step = 0; step < 30; step++) await Promise.resolve()
    await hub.publish('room', 'message', 1)
    const second = bob.ok({ type: 'subscribe', channels: [{ channel: 'room' }] })
    await Promise.all([first, second])
    await alice.untilReceived('room', 1)
    expect(alice.link.frames.map(({ type }) => type)).toEqual(['welcome', 'ok', 'messages'])
  })

  it('L2: a lost doorbell is found by the next one, and a lost last one by the probe', async () => {
    const clock = createVirtualClock()
    const observed = observeLog(memoryLog({ clock }))
    const hub = startHub({ log: observed.log, clock })
    const bob = await join(hub)
    await bob.ok({ type: 'subscribe', channels: [{ channel: 'room' }] })
    observed.hears = ({ first }) => first.seq !== 2
    for (const n of numbers(1, 3)) await hub.publish('room', 'message', n)
    expect(await bob.untilReceived('room', 3)).toEqual([1, 2, 3])
    observed.hears = () => false
    await hub.publish('room', 'message', 4)
    await turns(20)
    expect(bob.received('room')).toEqual([1, 2, 3])
    bob.session.heard()
    await clock.advance(11_000)
    expect(await bob.untilReceived('room', 4)).toEqual([1, 2, 3, 4])
  })

  it('L2: without the probe the last message stays lost, and without the hole check a client sees the hole', async () => {
    const clock = createVirtualClock()
    const lost = async (mutant: HubMutant): Promise<FakeClient> => {
      const observed = observeLog(memoryLog({ clock }))
      const hub = startHub({ log: observed.log, clock, mutants: new Set([mutant]) })
      const bob = await join(hub)
      await bob.ok({ type: 'subscribe', channels: [{ channel: 'room' }] })
      observed.hears = ({ first }) => first.seq !== 2
      for (const n of numbers(1, 2)) await hub.publish('room', 'message', n)
      if (mutant === 'no-hole-check') await hub.publish('room', 'message', 3)
      await clock.advance(20_000)
      await turns(20)
      return bob
    }
    expect((await lost('no-probe')).received('room')).toEqual([1])
    const holed = await lost('no-hole-check')
    expect(() => holed.received('room')).toThrow('A hole')
  })

  it('R8 (hub): an offset older than retention gets a gap with the exact range, then all that is kept', async () => {
    const hub = startHub({ channels: { room: { retention: { maxEntries: 10 } } } })
    const { offset } = await hub.publish('room', 'message', 1)
    for (const n of numbers(2, 30)) await hub.publish('room', 'message', n)
    const bob = await join(hub)
    const resume = [offset as string]
    const ok = await bob.ok({ type: 'subscribe', channels: [{ channel: 'room', resume }] })
    expect(ok.channels?.[0]).toMatchObject({
      recovered: false,
      gap: { reason: 'retention', from: 2, to: 20 },
    })
    expect(await bob.untilReceived('room', 11)).toEqual([{ gap: 'retention' }, ...numbers(21, 30)])
  })

  it('N9 (hub): a resume recovers with no message received, again and again', async () => {
    const hub = startHub()
    const bob = await join(hub)
    let resume: string[] = []
    const first = await bob.ok({ type: 'subscribe', channels: [{ channel: 'room' }] })
    resume = [first.channels?.[0]?.position as string]
    for (let round = 0; round < 20; round++) {
      const again = await join(hub)
      const ok = await again.ok({ type: 'subscribe', channels: [{ channel: 'room', resume }] })
      expect(ok.channels?.[0]).toMatchObject({ recovered: true, position: resume[0] })
    }
  })

  it('a deleted channel is told to its live subscribers, who go on from there', async () => {
    const log = memoryLog()
    const hub = startHub({ log })
    const bob = await join(hub)
    await bob.ok({ type: 'subscribe', channels: [{ channel: 'room' }] })
    for (const n of numbers(1, 3)) await hub.publish('room', 'message', n)
    await bob.untilReceived('room', 3)
    await log.delete('default/room')
    await until(() => bob.received('room').length > 3 || undefined)
    await hub.publish('room', 'message', 4)
    expect(await bob.untilReceived('room', 5)).toEqual([1, 2, 3, { gap: 'deleted' }, 4])
  })

  it('S20: a forged position or claim affects nobody but its sender', async () => {
    const log = new MemoryLog()
    const hub = startHub({ log })
    const [alice, eve] = [await join(hub), await join(hub)]
    await alice.ok({ type: 'subscribe', channels: [{ channel: 'room' }] })
    const { offset } = await hub.publish('room', 'message', 1)
    const other = await eve.ok({ type: 'publish', channel: 'other', messages: [{ id: 'x', data: 0 }] })
    const term = (offset as string).slice(17)
    const forged = [
      `0000000000000999_${term}`,
      `0000000000000999_${term}.${'A'.repeat(16)}`,
      `0000000000000999_zzzzzz${'0'.repeat(13)}.${'A'.repeat(16)}`,
      other.at as string,
    ]
    for (const token of forged) {
      const ok = await eve.ok({ type: 'subscribe', channels: [{ channel: 'room', resume: [token] }] })
      expect(ok.channels?.[0]?.error).toBeUndefined()
      await eve.ok({
        type: 'publish',
        channel: 'room',
        messages: [{ id: token.slice(0, 64), data: 'x' }],
        claims: [token],
      })
    }
    await hub.publish('room', 'message', 2)
    expect(await alice.untilReceived('room', 6)).toEqual([1, 'x', 'x', 'x', 'x', 2])
    const malformed = await eve.ok({ type: 'subscribe', channels: [{ channel: 'room', resume: ['forged'] }] })
    expect(malformed.channels?.[0]?.error?.code).toBe('bad_cursor')
  })
})
