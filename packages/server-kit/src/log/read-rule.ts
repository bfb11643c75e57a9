/**
 * The read rule: from what a reader holds to where it reads on, and what it is told before. Pure.
 *
 * The reader's newest position that the log knows decides. A position above the end of an older term means that the
 * log lost what lies between; one above the top of the current term, or no known position at all, means that the
 * numbers cannot be compared: `reset`, never a guess.
 */
import type { Position } from '@holdfast/core/protocol'
import { currentTerm, endOf, type Lineage, positionAt } from './lineage.ts'
import type { LogGap } from './log.ts'

/** What a channel holds: entries `base` + 1 to `top`. */
export interface Extent {
  readonly logId: string
  readonly lineage: Lineage
  readonly base: number
  readonly top: number
}

/** Where a position stands in this log; `lost` is what its holder saw and the log has not any more. */
export interface Located {
  readonly seq: number
  readonly lost: { readonly term: string; readonly from: number; readonly to: number } | null
}

/** Where a known position stands; `above` the top of the current term, or undefined where its term is unknown. */
export function locate(extent: Extent, position: Position): Located | 'above' | undefined {
  const { lineage, logId, top } = extent
  const { term, seq } = position
  if (seq === 0 && term === logId) return { seq, lost: null }
  const end = endOf(lineage, term, top)
  if (end === undefined) return undefined
  if (seq <= end) return { seq, lost: null }
  return term === currentTerm(lineage) ? 'above' : { seq: end, lost: { term, from: end + 1, to: seq } }
}

export interface Resumption {
  readonly gaps: readonly LogGap[]
  readonly start: Position
}

/** Where a reader goes on that holds these positions, newest first. */
export function resumeFrom(extent: Extent, positions: readonly Position[]): Resumption {
  const { lineage, base } = extent
  let located: Located | 'above' | undefined
  for (const position of positions) {
    located = locate(extent, position)
    if (located) break
  }
  const retained = positionAt(lineage, extent.logId, base)
  if (!located || located === 'above') return { gaps: [untold('reset', retained)], start: retained }
  if (located.seq < lineage.deletedAt) return { gaps: [untold('deleted', retained)], start: retained }

  const gaps: LogGap[] = []
  let start = positionAt(lineage, extent.logId, located.seq)
  if (located.lost) gaps.push({ reason: 'lost-tail', ...located.lost, resumeAt: start })
  if (start.seq < base) {
    gaps.push({ reason: 'retention', term: retained.term, from: start.seq + 1, to: base, resumeAt: retained })
    start = retained
  }
  return { gaps, start }
}

/** A gap whose range nobody can name. */
export function untold(reason: 'reset' | 'deleted', resumeAt: Position): LogGap {
  return { reason, term: null, from: null, to: null, resumeAt }
}
