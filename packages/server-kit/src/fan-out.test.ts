import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { Hub } from './hub.ts'
import type { FakeClient } from './testing/fake-client.ts'
import { endHubs, join, numbers, startHub } from './testing/start-hub.ts'

afterEach(endHubs)

/** A hub whose turns of the event loop the test makes. */
async function stage(subscribers: number) {
  let isManual = false
  const turns: (() => void)[] = []
  const hub = startHub({ ticker: (flush) => void (isManual ? turns.push(flush) : setImmediate(flush)) })
  const clients: FakeClient[] = []
  for (let n = 0; n < subscribers; n++) {
    const client = await join(hub)
    await client.ok({ type: 'subscribe', channels: [{ channel: 'room' }] })
    clients.push(client)
  }
  isManual = true
  /** Answers whether there was anything to do. */
  const turn = (): boolean => {
    const next = turns.shift()
    next?.()
    return next !== undefined
  }
  return { hub, turn, frames: () => frameCounts(clients) }
}

function frameCounts(clients: readonly FakeClient[]): Set<number> {
  return new Set(clients.map(({ link }) => link.frames.filter(({ type }) => type === 'messages').length))
}

const publish = (hub: Hub, n: number): Promise<unknown> => hub.publish('room', 'message', n)

describe('the pass at the end of a tick', () => {
  it('sends to a few at once, and a single message to many', async () => {
    const few = await stage(3)
    await publish(few.hub, 1)
    await publish(few.hub, 2)
    few.turn()
    expect(few.frames()).toEqual(new Set([1]))

    const many = await stage(100)
    await publish(many.hub, 1)
    many.turn()
    expect(many.frames()).toEqual(new Set([1]))
  })

  it('looks for more before it sends to many, and puts what came into the same writes', async () => {
    const { hub, turn, frames } = await stage(100)
    await publish(hub, 1)
    await publish(hub, 2)
    turn()
    expect(frames()).toEqual(new Set([0]))
    await publish(hub, 3)
    turn()
    expect(frames()).toEqual(new Set([0]))
    turn()
    expect(frames()).toEqual(new Set([1]))
  })

  it('looks no more than a few times, however much comes', async () => {
    const { hub, turn, frames } = await stage(100)
    await publish(hub, 0)
    for (const n of numbers(1, 5)) {
      expect(frames()).toEqual(new Set([0]))
      await publish(hub, n)
      turn()
    }
    expect(frames()).toEqual(new Set([1]))
  })

  it('is not waited for after a tick without anything; what follows at once waits for the next', async () => {
    const { hub, turn, frames } = await stage(100)
    await publish(hub, 1)
    // What the hub began before its turns were made by hand ends too.
    await nextTurn()
    while (turn());
    await publish(hub, 2)
    expect(frames()).toEqual(new Set([2]))
    await publish(hub, 3)
    turn()
    expect(frames()).toEqual(new Set([2]))
    turn()
    expect(frames()).toEqual(new Set([3]))
  })
})
