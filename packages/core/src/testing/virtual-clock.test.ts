import { expect, it } from 'vitest'
import { createVirtualClock, seededRandom } from './index.ts'

it('fires timers in the order of their time, then of their setting, with promises settled between', async () => {
  const clock = createVirtualClock({ start: 1_000 })
  const seen: string[] = []
  clock.after(20, () => seen.push(`late ${clock.now()}`))
  clock.after(10, () => void Promise.resolve().then(() => seen.push('a promise')))
  clock.after(10, () => seen.push('second'))
  clock.after(10, () => clock.after(5, () => seen.push(`nested ${clock.now()}`)))
  await clock.advance(19)
  expect(seen).toEqual(['a promise', 'second', 'nested 1015'])
  await clock.advance(1)
  expect(seen.at(-1)).toBe('late 1020')
  expect(clock.pending).toBe(0)
})

it('forgets cleared timers, one cleared by another included', async () => {
  const clock = createVirtualClock()
  const seen: string[] = []
  const second = clock.after(10, () => seen.push('second'))
  clock.after(5, () => second.clear())
  expect(clock.pending).toBe(2)
  await clock.runAll()
  second.clear()
  expect(seen).toEqual([])
})

it('moves the wall clock without the timers', async () => {
  const clock = createVirtualClock({ start: 0 })
  let firedAt: number | null = null
  clock.after(10, () => {
    firedAt = clock.now()
  })
  clock.setWall(3_600_000)
  await clock.advance(0)
  expect(firedAt).toBe(null)
  expect(clock.nextIn).toBe(10)
  await clock.advance(10)
  expect(firedAt).toBe(3_600_010)
})

it('runAll says when timers never end', async () => {
  const clock = createVirtualClock()
  const again = (): void => void clock.after(1, again)
  again()
  await expect(clock.runAll(50)).rejects.toThrow('advance()')
})

it('a seed repeats its randomness, another seed does not', () => {
  const draw = (seed: number): number[] => Array.from({ length: 5 }, seededRandom(seed).fraction)
  expect(draw(7)).toEqual(draw(7))
  expect(draw(7)).not.toEqual(draw(8))
  expect(draw(7).every((value) => value >= 0 && value < 1)).toBe(true)
  expect(seededRandom(7).bytes(16)).toEqual(seededRandom(7).bytes(16))
})
