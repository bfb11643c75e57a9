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
  const byKey = new Map(rows.map((each) => [String(each.key), each]))
  const chain: KeyedRow[] = []
  let next = furthest(rows)
  while (next) {
    chain.push(next)
    byKey.delete(String(next.key))
    next = next.row.previous ? byKey.get(String(next.row.previous)) : undefined
  }
  return chain.reverse()
}

/** The newest commit, unless another tab had come further in the same term. */
function furthest(rows: readonly KeyedRow[]): KeyedRow | undefined {
  let best = rows.at(-1)
  for (const each of rows) if (best && isFurther(each.row.record, best.row.record)) best = each
  return best
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
