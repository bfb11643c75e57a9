/** The results as a page of the docs: the picture, the tables, the gates, and what made them. */
import type { CaseResult } from '../rounds.ts'
import { deliveryFaults } from '../rounds.ts'
import type { Report } from './json.ts'
import { formatGates, formatTable } from './table.ts'

export function formatPage(name: string, results: readonly CaseResult[], report: Report): string {
  const { machine, rounds, command, pinning } = report
  const tables = results.flatMap((result) => {
    const faults = deliveryFaults(result).map((fault) => `  MISSED: delivery count: ${fault}`)
    return ['```', formatTable(result), ...formatGates(result), ...faults, '```', '']
  })
  return [
    `# Benchmark: ${name}`,
    '',
    `![${name}](${name}.svg)`,
    '',
    ...tables,
    `Made by \`${command}\` on ${report.date.slice(0, 10)}: medians of ${rounds} rounds in which the targets took turns; a`,
    `ratio is the median of the ratios of neighbouring runs. ${machine.cpu}, ${machine.cores} cores, Node ${machine.node};`,
    `${pinning}. Figures move with the machine, ratios much less. All of it as data: [${name}.json](${name}.json).`,
    '',
  ].join('\n')
}
