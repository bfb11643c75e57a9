import { describe, expect, it } from 'vitest'
import { type CaseResult, deliveryFaults, judge, ratioOf, runCase } from './rounds.ts'
import type { Case, Gate, Sample } from './scenario.ts'

const gate: Gate = { metric: 'speed', target: 'ours', against: 'limit', atLeast: 0.7 }

function makeCase(run: Case['run']): Case {
  const metrics = [{ key: 'speed', title: 'speed', format: String }]
  return { name: 'a case', setting: '', targets: ['limit', 'ours'], metrics, gates: [gate], run }
}

function resultOf(ours: readonly number[], limit: readonly number[]): CaseResult {
  const samples = (speeds: readonly number[]): Sample[] =>
    speeds.map((speed) => ({ values: { speed }, tally: null }))
  return {
    case: makeCase(async () => ({ values: {}, tally: null })),
    series: new Map([
      ['ours', samples(ours)],
      ['limit', samples(limit)],
    ]),
  }
}

describe('rounds', () => {
  it('runs the targets in turn, round by round', async () => {
    const order: string[] = []
    await runCase(
      makeCase(async (target) => {
        order.push(target)
        return { values: { speed: 1 }, tally: null }
      }),
      2,
      () => {},
    )
    expect(order).toEqual(['limit', 'ours', 'limit', 'ours'])
  })

  it('judges the median of the ratios of neighbouring runs', () => {
    const result = resultOf([71, 7.1, 100], [100, 10, 1_000])
    expect(ratioOf(result, 'speed', 'ours', 'limit')).toBeCloseTo(0.71)
    expect(judge(result, gate).passed).toBe(true)
    expect(judge(resultOf([69], [100]), gate).passed).toBe(false)
  })

  it('judges a figure alone, and an upper bound', () => {
    const alone: Gate = { metric: 'speed', target: 'ours', atMost: 12 }
    expect(judge(resultOf([11, 12, 13], []), alone)).toMatchObject({ measured: 12, passed: true })
    expect(judge(resultOf([13], []), alone).passed).toBe(false)
  })

  it('does not pass a gate that was not measured', () => {
    expect(judge(resultOf([], []), gate).passed).toBe(false)
    expect(judge(resultOf([1], []), { ...gate, metric: 'other' }).passed).toBe(false)
  })

  it('tells losses, surpluses and faults of the counters', () => {
    const tallies = [
      { published: 2, delivered: 20, expected: 20, faults: [] },
      { published: 2, delivered: 19, expected: 20, faults: [] },
      { published: 2, delivered: 21, expected: 20, faults: [] },
      { published: 2, delivered: 20, expected: 20, faults: ['subscriber 3: out of order'] },
      { published: 0, delivered: 0, expected: 0, faults: [] },
    ]
    const series = new Map([['ours', tallies.map((tally) => ({ values: {}, tally }))]])
    expect(deliveryFaults({ ...resultOf([], []), series })).toEqual([
      'ours, round 2: 19 deliveries of 2 messages, expected 20',
      'ours, round 3: 21 deliveries of 2 messages, expected 20',
      'ours, round 4: subscriber 3: out of order',
      'ours, round 5: nothing was published',
    ])
  })
})
