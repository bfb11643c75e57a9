import type { Violation } from './history.ts'

/** How often a fault was applied, and how often it met something that it could break. */
export interface FaultCount {
  readonly applied: number
  readonly bitten: number
}

/** What one seed came to. */
export interface Outcome {
  readonly seed: number
  readonly violations: readonly Violation[]
  readonly faults: Readonly<Record<string, FaultCount>>
  /** How often a fault met a client in a phase, by `fault/phase`. */
  readonly phases?: Readonly<Record<string, number>>
  /** Of the seed's history: the same seed gives the same. */
  readonly hash: string
}

/** A kind that bit in a smaller share of the seeds proves nothing. */
export const LEAST_BITTEN = 0.01

export interface FaultRow {
  readonly kind: string
  /** Seeds in which it was applied. */
  readonly applied: number
  /** Seeds in which it bit. */
  readonly bitten: number
  /** `bitten` of all seeds, 0 to 1. */
  readonly share: number
}

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort()

/** One row for each of `kinds` and each other kind that an outcome names. */
export function faultRows(outcomes: readonly Outcome[], kinds: readonly string[] = []): FaultRow[] {
  const named = sorted([...kinds, ...outcomes.flatMap(({ faults }) => Object.keys(faults))])
  return named.map((kind) => {
    const applied = outcomes.filter(({ faults }) => (faults[kind]?.applied ?? 0) > 0).length
    const bitten = outcomes.filter(({ faults }) => (faults[kind]?.bitten ?? 0) > 0).length
    return { kind, applied, bitten, share: outcomes.length === 0 ? 0 : bitten / outcomes.length }
  })
}

export function faultTable(rows: readonly FaultRow[]): string {
  return table([
    ['fault', 'applied', 'bitten', '%'],
    ...rows.map(({ kind, applied, bitten, share }) => [
      kind,
      String(applied),
      String(bitten),
      (share * 100).toFixed(1),
    ]),
  ])
}

/** How often each fault met each phase of the client, over all seeds; a pair that never met shows as 0. */
export function pairTable(outcomes: readonly Outcome[]): string {
  const counts = new Map<string, number>()
  for (const { phases } of outcomes)
    for (const [pair, count] of Object.entries(phases ?? {}))
      counts.set(pair, (counts.get(pair) ?? 0) + count)
  const pairs = [...counts.keys()].map(split)
  const faults = sorted(pairs.map(([fault]) => fault))
  const phases = sorted(pairs.map(([, phase]) => phase))
  return table([
    ['fault', ...phases],
    ...faults.map((fault) => [fault, ...phases.map((phase) => String(counts.get(`${fault}/${phase}`) ?? 0))]),
  ])
}

function split(pair: string): [fault: string, phase: string] {
  const slash = pair.indexOf('/')
  return [pair.slice(0, slash), pair.slice(slash + 1)]
}

export type Verdict =
  | { readonly verdict: 'passed' }
  /** A promise was broken in these seeds. */
  | { readonly verdict: 'failed'; readonly seeds: readonly number[] }
  /** Nothing broke, and these kinds bit in too few seeds for that to mean anything. */
  | { readonly verdict: 'void'; readonly kinds: readonly string[] }

/** `kinds` are the faults that the run was to apply: one that was never applied bit too seldom, too. */
export function verdictOf(outcomes: readonly Outcome[], kinds: readonly string[] = []): Verdict {
  const seeds = outcomes.filter(({ violations }) => violations.length > 0).map(({ seed }) => seed)
  if (seeds.length > 0) return { verdict: 'failed', seeds }
  const weak = faultRows(outcomes, kinds).filter(({ share }) => share < LEAST_BITTEN)
  if (weak.length > 0 || outcomes.length === 0)
    return { verdict: 'void', kinds: weak.map(({ kind }) => kind) }
  return { verdict: 'passed' }
}

/** Text to the left in the first column, numbers to the right in the others. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
