/** The results as data, with all that is needed to judge them. */
import { cpus, release } from 'node:os'
import { unpinned } from '../process.ts'
import { type CaseResult, deliveryFaults, judge, ratioOf, valuesOf } from '../rounds.ts'
import { median, spread } from '../stats.ts'

export interface Report {
  readonly command: string
  readonly date: string
  readonly machine: {
    readonly cpu: string
    readonly cores: number
    readonly kernel: string
    readonly node: string
  }
  readonly pinning: string
  readonly rounds: number
  readonly isQuick: boolean
  readonly cases: readonly unknown[]
}

export function toReport(
  results: readonly CaseResult[],
  run: { command: string; date: string; rounds: number; isQuick: boolean },
): Report {
  const processors = cpus()
  return {
    ...run,
    machine: {
      cpu: processors[0]?.model ?? 'unknown',
      cores: processors.length,
      kernel: release(),
      node: process.version,
    },
    pinning: unpinned ?? 'server and load generator pinned to a core each',
    cases: results.map(toCase),
  }
}

function toCase(result: CaseResult): unknown {
  const { name, setting, targets, metrics, gates } = result.case
  const [headline] = metrics
  return {
    name,
    setting,
    targets: targets.map((target) => ({
      target,
      metrics: Object.fromEntries(
        metrics.map(({ key }) => {
          const values = valuesOf(result, target, key)
          return [key, { median: median(values), ...spread(values), values }]
        }),
      ),
      ratios: Object.fromEntries(
        targets
          .filter((reference) => headline && reference !== target)
          .map((reference) => [reference, ratioOf(result, headline?.key ?? '', target, reference)]),
      ),
    })),
    gates: gates.map((gate) => judge(result, gate)),
    deliveryFaults: deliveryFaults(result),
  }
}
