import { expect, it } from 'vitest'
import { createConnection } from '../connection/actor.ts'
import {
  createFakeActivity,
  createFakeTransport,
  createVirtualClock,
  playFaults,
  scriptedPeer,
  seededRandom,
} from './index.ts'

it('plays its faults by the clock, counts those that bit, and a connection outlives them all', async () => {
  const clock = createVirtualClock()
  const transport = createFakeTransport({ clock, onLink: scriptedPeer() })
  const connection = createConnection({
    transports: [transport],
    clientId: 'client-1',
    clock,
    random: seededRandom(3),
    activity: createFakeActivity(),
    away: false,
  })
  connection.connect()
  await clock.advance(0)
  const script = playFaults(clock, transport, [
    { at: 1_000, fault: { type: 'delay', latencyMs: 50 } },
    { at: 2_000, fault: { type: 'refuse', forMs: 6_000 } },
    { at: 3_000, fault: { type: 'cut' } },
    { at: 60_000, fault: { type: 'malformed' } },
    { at: 120_000, fault: { type: 'silence' } },
    { at: 200_000, fault: { type: 'close', code: 1012 } },
    { at: 260_000, fault: { type: 'sleep', forMs: 900_000 } },
  ])
  await clock.advance(8_000)
  expect(script.hits).toMatchObject({ delay: 1, cut: 1, malformed: 0 })
  expect(script.hits.refuse).toBeGreaterThan(0)
  await clock.advance(300_000)
  script.stop()
  expect(script.hits).toMatchObject({ malformed: 1, silence: 1, close: 1, sleep: 1 })
  expect(connection.state$.value.status).toBe('ONLINE')
  connection.disconnect()
  await clock.advance(50)
  expect(clock.pending).toBe(0)
})
