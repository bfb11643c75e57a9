import { expect, it } from 'vitest'
import { createVirtualClock } from '../testing/index.ts'
import { createDeadlines, type Deadlines } from './deadlines.ts'

function made() {
  const clock = createVirtualClock()
  const seen: string[] = []
  const deadlines: Deadlines = createDeadlines(clock, () => seen.push('drift'))
  return { clock, seen, deadlines, note: (name: string) => () => void seen.push(name) }
}

it('W8: a check meets what the wall clock has passed, in order, and tells of the drift first and once', async () => {
  const { clock, seen, deadlines, note } = made()
  deadlines.after(20_000, note('second'))
  deadlines.after(10_000, note('first'))
  deadlines.after(7_200_000, note('later'))
  clock.setWall(clock.now() + 3_600_000)
  deadlines.check()
  expect(seen).toEqual(['drift', 'first', 'second'])
  expect(clock.pending).toBe(1)
})

it('W8: one timer that fires late speaks for all that are late', async () => {
  const { clock, seen, deadlines, note } = made()
  deadlines.after(20_000, note('second'))
  deadlines.after(10_000, note('first'))
  clock.setWall(clock.now() + 60_000)
  await clock.advance(10_000)
  expect(seen).toEqual(['drift', 'first', 'second'])
  await clock.runAll()
  expect(seen.length).toBe(3)
})

it('two seconds are no drift', async () => {
  const { clock, seen, deadlines, note } = made()
  deadlines.after(10_000, note('met'))
  clock.setWall(clock.now() + 2_000)
  await clock.advance(10_000)
  expect(seen).toEqual(['met'])
})

it('whoever hears of the drift may clear what is late', async () => {
  const clock = createVirtualClock()
  const seen: string[] = []
  const deadlines = createDeadlines(clock, () => late.clear())
  const late = deadlines.after(1_000, () => seen.push('late'))
  clock.setWall(clock.now() + 10_000)
  deadlines.check()
  await clock.runAll()
  expect(seen).toEqual([])
})

it('a wall clock that is set back keeps nobody waiting', async () => {
  const { clock, seen, deadlines, note } = made()
  deadlines.after(1_000, note('met'))
  clock.setWall(clock.now() - 3_600_000)
  await clock.advance(1_000)
  expect(seen).toEqual(['met'])
})
