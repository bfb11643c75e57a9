/** Pages of a channel's history, in both directions. */
import type { Position } from '@holdfast/core/protocol'
import type { ChannelLog } from './channel-log.ts'
import { positionAt } from './lineage.ts'
import type { HistoryRequest, HistoryResult, LogGap } from './log.ts'
import { type Extent, locate, resumeFrom, untold } from './read-rule.ts'
import { runsOf } from './runs.ts'

/** A page after a position upwards, before one downwards, or of the newest entries. */
export function historyPage(channel: ChannelLog, request: HistoryRequest): HistoryResult {
  const { extent } = channel
  const { after, before, limit, maxLength = Number.POSITIVE_INFINITY } = request
  const { base, top } = extent
  if (after) {
    const { gaps, start } = resumeFrom(extent, [after])
    const to = Math.min(top, start.seq + limit)
    const bodies = start.seq < to ? channel.shelf.bodies(start.seq + 1, to, maxLength) : []
    const [first] = gaps
    return {
      runs: runsOf(extent.lineage, start.seq + 1, bodies),
      gap: first ? { ...first, resumeAt: start } : null,
      hasMore: start.seq + bodies.length < top,
    }
  }
  const { end, gap } = before ? endBefore(extent, before, limit) : { end: top, gap: null }
  const from = Math.max(base + 1, end - limit + 1)
  const bodies = from <= end ? channel.shelf.lastBodies(from, end, maxLength) : []
  const first = end - bodies.length + 1
  return {
    runs: runsOf(extent.lineage, first, bodies),
    // What is gone from below the page is told by the page that gets there.
    gap: gap?.reason !== 'lost-tail' && gap?.reason !== 'reset' && first > from ? null : gap,
    hasMore: bodies.length > 0 && first > base + 1,
  }
}

/** The last seq of the page before a position, and what the page should hold but does not. */
function endBefore(extent: Extent, before: Position, limit: number): { end: number; gap: LogGap | null } {
  const { base, lineage, logId, top } = extent
  const retained = positionAt(lineage, logId, base)
  const located = locate(extent, before)
  if (!located || located === 'above') return { end: top, gap: untold('reset', retained) }
  if (located.lost) {
    const resumeAt = positionAt(lineage, logId, located.seq)
    return { end: located.seq, gap: { reason: 'lost-tail', ...located.lost, resumeAt } }
  }
  const end = located.seq - 1
  const from = Math.max(1, end - limit + 1)
  const to = Math.min(base, end)
  if (from > to) return { end, gap: null }
  if (from <= lineage.deletedAt) return { end, gap: untold('deleted', retained) }
  return { end, gap: { reason: 'retention', term: retained.term, from, to, resumeAt: retained } }
}
