/** Runs the targets of a case in turn, round by round, and judges the result. */
import type { Case, Gate, Sample } from './scenario.ts'
import { median, ratiosOfPairs } from './stats.ts'

export interface CaseResult {
  readonly case: Case
  /** The samples of each target, a round each. */
  readonly series: ReadonlyMap<string, readonly Sample[]>
}

export interface Verdict {
  readonly gate: Gate
  readonly measured: number
  readonly passed: boolean
}

export async function runCase(
  given: Case,
  rounds: number,
  report: (line: string) => void,
): Promise<CaseResult> {
  const series = new Map<string, Sample[]>(given.targets.map((target) => [target, []]))
  for (let round = 1; round <= rounds; round++) {
    for (const target of given.targets) {
      const sample = await given.run(target).catch(failed)
      series.get(target)?.push(sample)
      const figures = given.metrics.map(
        ({ key, title, format }) => `${title} ${format(sample.values[key] as number)}`,
      )
      const shown = Object.keys(sample.values).length > 0 ? figures.join(' · ') : 'no figures'
      report(`  round ${round}/${rounds}  ${target}: ${shown}`)
      for (const fault of sampleFaults(sample)) report(`    ${fault}`)
    }
  }
  return { case: given, series }
}

/** A run that broke off: the others go on, and the result says so. */
function failed(error: unknown): Sample {
  const [fault = ''] = String(error instanceof Error ? error.message : error).split('\n')
  return { values: {}, tally: { published: 0, delivered: 0, expected: 0, faults: [fault] } }
}

export function valuesOf({ series }: CaseResult, target: string, metric: string): number[] {
  return (series.get(target) ?? []).map(({ values }) => values[metric] ?? Number.NaN)
}

/** The median of the ratios of neighbouring runs. */
export function ratioOf(result: CaseResult, metric: string, target: string, against: string): number {
  return median(ratiosOfPairs(valuesOf(result, target, metric), valuesOf(result, against, metric)))
}

/** A gate that could not be measured has not passed. */
export function judge(result: CaseResult, gate: Gate): Verdict {
  const {
    metric,
    target,
    against,
    atLeast = Number.NEGATIVE_INFINITY,
    atMost = Number.POSITIVE_INFINITY,
  } = gate
  const measured = against
    ? ratioOf(result, metric, target, against)
    : median(valuesOf(result, target, metric))
  return { gate, measured, passed: measured >= atLeast && measured <= atMost }
}

/** What the counters of a run found wrong: nothing fast may be merely lossy. */
export function sampleFaults({ tally }: Sample): string[] {
  if (!tally) return []
  const { published, delivered, expected, faults } = tally
  if (faults.length > 0) return [...faults]
  if (published === 0) return ['nothing was published']
  return delivered === expected
    ? []
    : [`${delivered} deliveries of ${published} messages, expected ${expected}`]
}

export function deliveryFaults({ series }: CaseResult): string[] {
  return [...series].flatMap(([target, samples]) =>
    samples.flatMap((sample, round) =>
      sampleFaults(sample).map((fault) => `${target}, round ${round + 1}: ${fault}`),
    ),
  )
}
