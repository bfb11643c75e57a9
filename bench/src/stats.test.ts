import { describe, expect, it } from 'vitest'
import { median, percentile, ratiosOfPairs, spread } from './stats.ts'

describe('stats', () => {
  it('takes the middle of an odd number of values, whatever their order', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([10, 9, 100])).toBe(10)
  })

  it('takes the mean of the two middle ones of an even number', () => {
    expect(median([4, 1, 3, 100])).toBe(3.5)
    expect(median([])).toBeNaN()
  })

  it('leaves the values as they are', () => {
    const values = [3, 1, 2]
    median(values)
    expect(values).toEqual([3, 1, 2])
  })

  it('takes percentiles by rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1)
    expect(percentile(hundred, 0.5)).toBe(50)
    expect(percentile(hundred, 0.99)).toBe(99)
    expect(percentile(hundred, 1)).toBe(100)
    expect(percentile([7], 0.99)).toBe(7)
    expect(percentile([], 0.5)).toBeNaN()
  })

  it('compares the runs of a round with each other, not medians of different minutes', () => {
    const ours = [80, 8, 40]
    const theirs = [100, 10, 80]
    expect(ratiosOfPairs(ours, theirs)).toEqual([0.8, 0.8, 0.5])
    expect(median(ratiosOfPairs(ours, theirs))).toBe(0.8)
    expect(median(ours) / median(theirs)).toBe(0.5)
  })

  it('ignores a round that only one side finished', () => {
    expect(ratiosOfPairs([1, 2, 3], [2, 4])).toEqual([0.5, 0.5])
  })

  it('states the spread', () => {
    expect(spread([3, 1, 2])).toEqual({ min: 1, max: 3 })
  })
})
