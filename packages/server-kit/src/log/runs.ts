import { type Lineage, termIndexAt } from './lineage.ts'
import type { LogRun } from './log.ts'

/** Cuts consecutive bodies, the first of which is the entry `seq`, where their term changes. */
export function runsOf(lineage: Lineage, seq: number, bodies: readonly string[]): LogRun[] {
  const runs: LogRun[] = []
  let index = Math.max(0, termIndexAt(lineage, seq))
  for (let at = 0; at < bodies.length; index++) {
    const start = lineage.terms[index]
    if (!start) break
    const next = lineage.terms[index + 1]
    const end = next ? Math.min(bodies.length, next.first - seq) : bodies.length
    runs.push({
      term: start.term,
      seq: seq + at,
      bodies: at === 0 && end === bodies.length ? bodies : bodies.slice(at, end),
    })
    at = end
  }
  return runs
}
