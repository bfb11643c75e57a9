import { expect, it } from 'vitest'
import { seededRandom } from '../testing/index.ts'
import { type LostAttempt, reconnectDelayMs } from './backoff.ts'

const lostSession: LostAttempt = {
  wasEstablished: true,
  failures: 1,
  isWake: false,
  action: 'reconnect',
  retryAfterMs: 0,
}
const failedAttempt: LostAttempt = { ...lostSession, wasEstablished: false }

it('N21: of 10,000 clients cut at once, no 100 ms holds more than 5 % of the first reconnects', () => {
  const { fraction } = seededRandom(21)
  for (const retryAfterMs of [0, 4_000]) {
    const buckets = new Map<number, number>()
    for (let client = 0; client < 10_000; client++) {
      const delayMs = reconnectDelayMs({ ...lostSession, retryAfterMs }, fraction())
      expect(delayMs).toBeGreaterThanOrEqual(retryAfterMs)
      expect(delayMs).toBeLessThan(retryAfterMs + 3_000)
      const bucket = Math.floor(delayMs / 100)
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1)
    }
    expect(buckets.size).toBe(30)
    expect(Math.max(...buckets.values())).toBeLessThanOrEqual(500)
  }
})

it('attempts that fail in a row wait with full jitter, 0.5 to 20 s', () => {
  const longest = (failures: number): number => reconnectDelayMs({ ...failedAttempt, failures }, 0.999999)
  expect([1, 2, 3, 4, 5, 50].map((failures) => Math.round(longest(failures) / 1_000))).toEqual([
    2, 4, 8, 16, 20, 20,
  ])
  expect(reconnectDelayMs({ ...failedAttempt, failures: 9 }, 0)).toBe(500)
})

it('sessions that end as soon as they begin are failures too', () => {
  expect(reconnectDelayMs({ ...lostSession, failures: 2 }, 0.999999)).toBeLessThan(3_000)
  expect(reconnectDelayMs({ ...lostSession, failures: 6 }, 0.999999)).toBeGreaterThan(19_000)
})

it('a wake waits for nothing but the server', () => {
  expect(reconnectDelayMs({ ...lostSession, isWake: true }, 0.9)).toBe(0)
  expect(reconnectDelayMs({ ...lostSession, isWake: true, retryAfterMs: 700 }, 0)).toBe(700)
})

it('an unknown close code waits the longest', () => {
  expect(reconnectDelayMs({ ...lostSession, action: 'reconnect-slowly' }, 0)).toBe(10_000)
  expect(reconnectDelayMs({ ...lostSession, action: 'reconnect-slowly' }, 0.999999)).toBeGreaterThan(19_900)
})
