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
  const { after, before, limit } = request
  if (after) {
    const { gaps, start } = resumeFrom(extent, [after])
    const to = Math.min(extent.top, start.seq + limit)
    const [first] = gaps
    return page(
      channel,
      extent,
      start.seq + 1,
      to,
      first ? { ...first, resumeAt: start } : null,
      to < extent.top,
    )
  }
  const { end, gap } = before ? endBefore(extent, before, limit) : { end: extent.top, gap: null }
  const from = Math.max(extent.base + 1, end - limit + 1)
  return page(channel, extent, from, end, gap, from > extent.base + 1 && end >= from)
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

function page(
  channel: ChannelLog,
  extent: Extent,
  from: number,
  to: number,
  gap: LogGap | null,
  hasMore: boolean,
): HistoryResult {
  const bodies = from <= to ? channel.shelf.bodies(from, to, Number.POSITIVE_INFINITY) : []
  return { runs: runsOf(extent.lineage, from, bodies), gap, hasMore }
}
