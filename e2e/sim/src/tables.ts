/** What the command prints beside the report. */
import type { Violation } from './history.ts'

export interface MutantRow {
  readonly mutant: string
  /** The first seed that caught it; null where none did. */
  readonly seed: number | null
  /** The rule that it broke there. */
  readonly rule: string
}

export function formatMutants(rows: readonly MutantRow[]): string {
  return [
    `${'mutant'.padEnd(26)}${'seed'.padStart(6)}  rule`,
    ...rows.map(
      ({ mutant, seed, rule }) => `${mutant.padEnd(26)}${String(seed ?? 'none').padStart(6)}  ${rule}`,
    ),
  ].join('\n')
}

export function formatViolations(violations: readonly Violation[], most: number): string {
  const lines = violations.slice(0, most).map(({ rule, text, at }) => `  ${rule} at ${at} ms: ${text}`)
  if (violations.length > most) lines.push(`  and ${violations.length - most} more`)
  return lines.join('\n')
}
