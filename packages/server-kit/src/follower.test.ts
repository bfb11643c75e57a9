import { afterEach, expect, it } from 'vitest'
import { MemoryLog } from './log/memory.ts'
import type { FakeClient } from './testing/fake-client.ts'
import { endHubs, join, startHub } from './testing/start-hub.ts'

afterEach(endHubs)

async function subscribed() {
  const log = new MemoryLog()
  const hub = startHub({ log })
  const bob: FakeClient = await join(hub)
  await bob.ok({ type: 'subscribe', channels: [{ channel: 'room' }] })
  return { log, hub, bob }
}

/** A subscriber that has one message of a first term and two of the next. */
async function afterRestart(): ReturnType<typeof subscribed> {
  const stage = await subscribed()
  await stage.hub.publish('room', 'message', 1)
  stage.log.restart({ clean: true })
  for (const n of [2, 3]) await stage.hub.publish('room', 'message', n)
  await stage.bob.untilReceived('room', 3)
  return stage
}

const lost = (to: number) => ({ lost: expect.objectContaining({ to }) })

it('tells a reset where the log has lost the newest terms altogether and goes on from an older one', async () => {
  const { log, hub, bob } = await afterRestart()
  log.loseTail(2)
  await hub.publish('room', 'message', 4)
  expect(await bob.untilReceived('room', 6)).toEqual([1, 2, 3, { gap: 'reset' }, lost(3), 4])
  const reset = bob.link.frames.find((frame) => frame.type === 'gap')?.gap
  expect(reset).toMatchObject({ term: null, from: null, to: null })
  expect(reset?.resumeAt?.slice(0, 16)).toBe('0000000000000001')
})

it('tells no reset after a clean restart, nor where only the end of a term is lost', async () => {
  const { log, hub, bob } = await afterRestart()
  log.loseTail(1)
  await hub.publish('room', 'message', 4)
  expect(await bob.untilReceived('room', 6)).toEqual([1, 2, 3, { gap: 'lost-tail' }, lost(3), 4])
})
