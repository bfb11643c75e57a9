import { afterEach, describe, expect, it } from 'vitest'
import { MemoryLog } from './log/memory.ts'
import { type FakeClient, turnOfLoop } from './testing/fake-client.ts'
import { endHubs, join, startHub } from './testing/start-hub.ts'

afterEach(endHubs)

/** Three of these are more than a page, and one is more than may wait for a connection. */
const LARGE = 'x'.repeat(60_000)
const CAP = 10_000

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await turnOfLoop()
}

const received = (client: FakeClient): unknown[] =>
  client.received('room').map((data) => (data === LARGE ? 'large' : data))

/** Takes everything that waits, and what follows it. */
async function readAll(client: FakeClient): Promise<void> {
  client.link.isStopped = false
  for (let n = 0; n < 50; n++) {
    client.link.drain()
    await turns(5)
  }
}

const gap = { gap: 'reset' }
const lost = (to: number) => ({ lost: expect.objectContaining({ to }) })

describe('where the log has lost the newest terms altogether', () => {
  it('tells a reset between two pages, before the log goes on from an older term', async () => {
    const log = new MemoryLog()
    const hub = startHub({ log, limits: { bufferedBytes: CAP } })
    const { offset } = await hub.publish('room', 'message', 0)
    await hub.publish('room', 'message', 1)
    log.restart({ clean: true })
    for (let n = 0; n < 6; n++) await hub.publish('room', 'message', LARGE)
    const bob = await join(hub)
    bob.link.isStopped = true
    await bob.ok({ type: 'subscribe', channels: [{ channel: 'room', resume: [offset as string] }] })
    await turns(20)
    log.loseTail(6)
    await hub.publish('room', 'message', 'new')
    await readAll(bob)
    // The first page was read before the loss, and is sent as it was read.
    expect(received(bob)).toEqual([1, 'large', 'large', gap, lost(8), 'new'])
    const reset = bob.link.frames.find((frame) => frame.type === 'gap')?.gap
    expect(reset).toMatchObject({ term: null, from: null, to: null })
    expect(reset?.resumeAt?.slice(0, 16)).toBe('0000000000000002')
  })

  it('tells a reset to who has fallen behind, and has been told nothing yet', async () => {
    const log = new MemoryLog()
    const hub = startHub({ log, limits: { bufferedBytes: CAP } })
    await hub.publish('room', 'message', 0)
    const bob = await join(hub)
    await bob.ok({ type: 'subscribe', channels: [{ channel: 'room' }] })
    log.restart({ clean: true })
    bob.link.isStopped = true
    for (let n = 0; n < 3; n++) {
      await hub.publish('room', 'message', LARGE)
      await turns(5)
    }
    log.loseTail(3)
    await hub.publish('room', 'message', 'new')
    await readAll(bob)
    expect(received(bob)).toEqual(['large', gap, 0, lost(4), 'new'])
  })
})
