import { describe, expect, it } from 'vitest'
import { faultRows, faultTable, type Outcome, pairTable, verdictOf } from './report.ts'

const outcome = (seed: number, more: Partial<Outcome> = {}): Outcome => ({
  seed,
  violations: [],
  faults: { crash: { applied: 2, bitten: 1 } },
  hash: `h${seed}`,
  ...more,
})

const broken = { rule: 'hole', text: 'reader r1 missed (1-a, 4)', at: 17 }

describe('faults', () => {
  it('counts the seeds in which a fault was applied and bit', () => {
    const outcomes = [
      outcome(1),
      outcome(2, { faults: { crash: { applied: 3, bitten: 0 }, wipe: { applied: 0, bitten: 0 } } }),
    ]
    expect(faultRows(outcomes, ['trim'])).toEqual([
      { kind: 'crash', applied: 2, bitten: 1, share: 0.5 },
      { kind: 'trim', applied: 0, bitten: 0, share: 0 },
      { kind: 'wipe', applied: 0, bitten: 0, share: 0 },
    ])
  })

  it('prints one line a kind', () => {
    const rows = faultRows([outcome(1), outcome(2), outcome(3, { faults: {} })])
    expect(faultTable(rows)).toBe('fault  applied  bitten     %\ncrash        2       2  66.7')
  })

  it('prints the pairs of faults and phases, those that never met too', () => {
    const outcomes = [
      outcome(1, { phases: { 'crash/online': 2, 'wipe/backoff': 1 } }),
      outcome(2, { phases: { 'crash/online': 1 } }),
      outcome(3),
    ]
    expect(pairTable(outcomes)).toBe(
      ['fault  backoff  online', 'crash        0       3', 'wipe         1       0'].join('\n'),
    )
  })
})

describe('the verdict', () => {
  const many = (count: number, bitten: number): Outcome[] =>
    Array.from({ length: count }, (_, seed) =>
      outcome(seed, { faults: { crash: { applied: 1, bitten: seed < bitten ? 1 : 0 } } }),
    )

  it('passes where each kind bit in 1 % of the seeds', () => {
    expect(verdictOf(many(200, 2))).toEqual({ verdict: 'passed' })
  })

  it('is void where one bit in fewer, or was never applied, and where nothing ran', () => {
    expect(verdictOf(many(200, 1))).toEqual({ verdict: 'void', kinds: ['crash'] })
    expect(verdictOf(many(200, 2), ['crash', 'wipe'])).toEqual({ verdict: 'void', kinds: ['wipe'] })
    expect(verdictOf([])).toEqual({ verdict: 'void', kinds: [] })
  })

  it('fails with the seeds that broke a promise, whatever bit', () => {
    const outcomes = [outcome(1), outcome(7, { violations: [broken], faults: {} })]
    expect(verdictOf(outcomes, ['wipe'])).toEqual({ verdict: 'failed', seeds: [7] })
  })
})
