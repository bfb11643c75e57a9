import { expect, it } from 'vitest'
import { createVirtualClock } from '../testing/index.ts'
import { createDeadlines } from './deadlines.ts'
import { createLiveness, probeDeadlineMs, smoothed } from './liveness.ts'

it('a probe may take four round trips, from 2 to 8 s, and half of that where a heartbeat is missing as well', () => {
  expect([0, 100, 500, 1_000, 1_999, 5_000].map((ms) => probeDeadlineMs(ms, 0))).toEqual([
    2_000, 2_000, 2_000, 4_000, 7_996, 8_000,
  ])
  expect(probeDeadlineMs(0, 0.99)).toBe(2_000)
  expect(probeDeadlineMs(0, 1)).toBe(1_000)
  expect(probeDeadlineMs(5_000, 7)).toBe(4_000)
})

it('the first round trip is believed, later ones by an eighth', () => {
  expect(smoothed(0, 800)).toBe(800)
  expect(smoothed(800, 1_600)).toBe(900)
})

it('measures round trips by its probes only, and none over a sleep', async () => {
  const clock = createVirtualClock()
  const liveness = createLiveness(
    clock,
    createDeadlines(clock, () => undefined),
    () => undefined,
  )
  liveness.begin(25_000)
  liveness.noteProbe(7)
  await clock.advance(1_000)
  liveness.noteFrame()
  expect(liveness.noteAnswer(6)).toBe(false)
  expect(liveness.noteAnswer(7)).toBe(true)
  expect(liveness.noteAnswer(7)).toBe(false)
  expect(liveness.probeMs()).toBe(4_000)
  liveness.noteProbe(8)
  clock.setWall(clock.now() + 3_600_000)
  liveness.noteFrame()
  expect(liveness.noteAnswer(8)).toBe(true)
  expect(liveness.probeMs()).toBe(4_000)
})

it('tells of silence once the heartbeat and its slack have passed, to the millisecond', async () => {
  const clock = createVirtualClock()
  let silences = 0
  const liveness = createLiveness(
    clock,
    createDeadlines(clock, () => undefined),
    () => silences++,
  )
  liveness.begin(25_000)
  await clock.advance(10_000)
  liveness.noteFrame()
  await clock.advance(26_999)
  expect(silences).toBe(0)
  await clock.advance(1)
  expect(silences).toBe(1)
  liveness.stop()
  expect(clock.pending).toBe(0)
})
