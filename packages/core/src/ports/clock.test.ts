import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { systemClock } from './clock.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const DAY_MS = 86_400_000

it('a timer of 60 days, longer than platforms count, fires neither at once nor never', () => {
  const fired = vi.fn()
  systemClock.after(60 * DAY_MS, fired)
  vi.advanceTimersByTime(59 * DAY_MS)
  expect(fired).not.toHaveBeenCalled()
  vi.advanceTimersByTime(DAY_MS)
  expect(fired).toHaveBeenCalledTimes(1)
})

it('a timer that was set is ended by clear, in its second part too; one below 0 fires, but not at once', () => {
  const fired = vi.fn()
  const long = systemClock.after(60 * DAY_MS, fired)
  vi.advanceTimersByTime(40 * DAY_MS)
  long.clear()
  vi.advanceTimersByTime(40 * DAY_MS)
  expect(fired).not.toHaveBeenCalled()
  expect(vi.getTimerCount()).toBe(0)
  systemClock.after(-5, fired)
  expect(fired).not.toHaveBeenCalled()
  vi.advanceTimersByTime(0)
  expect(fired).toHaveBeenCalledTimes(1)
})
