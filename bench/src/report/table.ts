/** The result of a case on the terminal. */
import { type CaseResult, judge, ratioOf, valuesOf } from '../rounds.ts'
import type { Gate } from '../scenario.ts'
import { median, spread } from '../stats.ts'

export function formatTable(result: CaseResult): string {
  const { targets, metrics, isLowerBetter } = result.case
  const [headline] = metrics
  if (!headline) return ''
  const references = targets.filter((target) => target !== 'holdfast')
  const header = [
    'target',
    ...metrics.flatMap(({ title }, index) => (index === 0 ? [title, 'spread'] : [title])),
    ...references.map((reference) => `× ${reference}`),
  ]
  const rows = targets.map((target) => [
    target,
    ...metrics.flatMap(({ key, format }, index) => {
      const values = valuesOf(result, target, key)
      const { min, max } = spread(values)
      const shown = format(median(values))
      return index === 0 ? [shown, `${format(min)}–${format(max)}`] : [shown]
    }),
    ...references.map((reference) => ratioOf(result, headline.key, target, reference).toFixed(2)),
  ])
  const direction = isLowerBetter ? 'lower is better' : 'higher is better'
  return [
    `${result.case.name} (${direction})`,
    `  ${result.case.setting}`,
    ...align([header, ...rows]).map((line) => `  ${line}`),
  ].join('\n')
}

export function formatGates(result: CaseResult): string[] {
  return result.case.gates.map((gate) => {
    const { measured, passed } = judge(result, gate)
    const metric = result.case.metrics.find(({ key }) => key === gate.metric)
    const shown = gate.against || !metric ? measured.toFixed(2) : metric.format(measured)
    return `  ${passed ? 'reached' : 'MISSED'}: ${describeGate(gate, metric?.title)}: ${shown}`
  })
}

function describeGate({ target, metric, against, atLeast, atMost }: Gate, title = metric): string {
  const subject = against ? `${title} of ${target} ÷ ${against}` : `${title} of ${target}`
  return atLeast === undefined ? `${subject} ≤ ${atMost}` : `${subject} ≥ ${atLeast}`
}

/** The first column to the left, numbers to the right. */
function align(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  )
}
