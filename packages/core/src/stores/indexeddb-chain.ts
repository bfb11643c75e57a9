/** Which of a channel's commits hang together. Pure. */
import { parseOffset } from '../protocol/index.ts'
import type { CommitKey, CommitRow } from './indexeddb-schema.ts'
import type { CachedMessage, ChannelRecord } from './store.ts'

export interface KeyedRow {
  readonly key: CommitKey
  readonly row: CommitRow
}

/**
 * The commits of one history, oldest first. Several tabs may have written to the channel, each at its own pace: the
 * commits of one tab, and of the tab that it took over from, are a cache without holes; those of all tabs together
 * are not.
 */
export function chainOf(rows: readonly KeyedRow[]): KeyedRow[] {
  const newest = rows.at(-1)
  if (!newest) return []
  const byKey = new Map(rows.map((each) => [String(each.key), each]))
  const own = chainTo(newest, byKey)
  // A tab that is behind wrote last: the one that had come further counts. Within its own history none goes back
  // but on purpose.
  let best = newest
  const held = new Set(own)
  for (const each of rows) if (!held.has(each) && isFurther(each.row.record, best.row.record)) best = each
  return best === newest ? own : chainTo(best, byKey)
}

function chainTo(last: KeyedRow, byKey: ReadonlyMap<string, KeyedRow>): KeyedRow[] {
  const chain: KeyedRow[] = []
  for (let next: KeyedRow | undefined = last; next; ) {
    chain.push(next)
    const { previous }: { previous: CommitKey | null } = next.row
    next = previous ? byKey.get(String(previous)) : undefined
  }
  return chain.reverse()
}

function isFurther(record: ChannelRecord, than: ChannelRecord): boolean {
  const [there, here] = [record, than].map(({ positions: [offset] }) => (offset ? parseOffset(offset) : null))
  if (!there || !here || there.term !== here.term || there.seq <= here.seq) return false
  // Whoever was told that the log lost its tail went back on purpose.
  return !than.told.some(([term, to]) => term === there.term && to >= there.seq)
}

/** The newest `limit` messages of a chain. */
export function messagesOf(chain: readonly KeyedRow[], limit: number): CachedMessage[] {
  const messages = chain.flatMap(({ row }) => row.messages)
  return messages.length > limit ? messages.slice(messages.length - limit) : messages
}
