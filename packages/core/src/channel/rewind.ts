/** Older stretches for a listener that begins before the place where its channel stands. */
import {
  formatOffset,
  type Item,
  isMessageItem,
  type OkFrame,
  type Position,
  parseOffset,
  type Run,
  samePosition,
  seqsOf,
  termCounter,
  type WireGap,
} from '../protocol/index.ts'
import type { CachedMessage } from '../stores/store.ts'
import type { HistoryOptions } from './history.ts'
import type { From } from './listener.ts'
import { type Delivery, Sequencer } from './sequencer.ts'

const PAGE = 1_000

type FetchPage = (options: HistoryOptions) => Promise<OkFrame>

/**
 * Calls `deliver` with everything from `from` up to `until` (included), oldest first; `until` may go back meanwhile. The
 * pages go through a sequencer, so that loss markers and messages appended again mean here what they mean live; `shown`
 * is what it has of them already. Answers how far it came, if that is known: not up to `until` where the log has lost the
 * rest meanwhile.
 */
export async function rewind(
  from: Exclude<From, 'now'>,
  until: () => Position,
  shown: readonly CachedMessage[],
  fetchPage: FetchPage,
  deliver: (deliveries: readonly Delivery[]) => void,
): Promise<Position | null> {
  const sequencer = new Sequencer()
  sequencer.restore({ positions: [], told: [] }, shown)
  if (typeof from === 'object') {
    const runs = await newest(from, until(), fetchPage)
    deliver(newestOf(take(sequencer, runs, until()), from))
    return sequencer.position
  }
  let after = from === 'earliest' ? `0000000000000000_${until().term}` : from
  // Beyond `until` there can only be a loss to tell of.
  const start = parseOffset(after)
  const limit = start && start.term === until().term && start.seq > until().seq ? 1 : PAGE
  for (let isFirst = true; ; isFirst = false) {
    const { gap, runs = [], hasMore } = await fetchPage({ after, limit })
    const last = until()
    const isLoss = gap?.reason === 'lost-tail' && gap.term !== null && gap.from !== null
    if (isLoss) {
      // What follows the loss may itself be gone, which this page does not tell: it is asked for from there.
      const end = { term: gap.term as string, seq: (gap.from as number) - 1 }
      after = formatOffset(end)
      deliver(sequencer.subscribed(after, { ...gap, resumeAt: after }).deliveries)
      if (!isWithin(end, last) || samePosition(end, last)) return sequencer.position
      continue
    }
    const told = gap && !(isFirst && from === 'earliest') ? clipped(gap, last) : null
    const before = told ? sequencer.subscribed(told.resumeAt, told).deliveries : []
    deliver([...before, ...take(sequencer, runs, last)])
    const run = runs.at(-1)
    if (!run || !hasMore) return sequencer.position ?? parseOffset(gap?.resumeAt ?? after)
    const end = { term: run.term, seq: endOf(run) }
    if (!isWithin(end, last)) return sequencer.position
    after = formatOffset(end)
  }
}

/**
 * What whoever holds an offset was shown of the cache, which is in the order of arrival: a term that was lost, or one of
 * a log that began anew, cannot be compared with others. The offset's own message may be missing: a page that ends at
 * once does not store its last ones.
 */
export function shownUpTo(offset: Position, cached: readonly CachedMessage[]): readonly CachedMessage[] {
  const positions = cached.map((message) => (message.offset === null ? null : parseOffset(message.offset)))
  const last = positions.findLastIndex(
    (position) => position?.term === offset.term && position.seq <= offset.seq,
  )
  return cached.slice(0, last + 1)
}

/** What the runs deliver, as far as they lie before `until`; what is beyond comes live. */
function take(sequencer: Sequencer, runs: readonly Run[], until: Position): readonly Delivery[] {
  const [first] = runs
  if (first) sequencer.subscribed(formatOffset({ term: first.term, seq: first.seq - 1 }), undefined)
  return runs.flatMap((run) => {
    const items: Item[] = []
    let seq = run.seq - 1
    for (const item of run.items) {
      const before = { term: run.term, seq }
      seq += seqsOf(item)
      if (isWithin({ term: run.term, seq }, until)) items.push(item)
      else if ('skip' in item && isWithin(before, until)) items.push({ skip: until.seq - before.seq })
    }
    return sequencer.messages({ type: 'messages', channel: '', ...run, items }).deliveries
  })
}

/** The runs that hold the last n messages, or those since a time, up to `until`: found by paging down. */
async function newest(
  from: { readonly last: number } | { readonly since: number },
  until: Position,
  fetchPage: FetchPage,
): Promise<readonly Run[]> {
  let runs: readonly Run[] = []
  let before: string | null = null
  for (;;) {
    const page: OkFrame = await fetchPage({ ...(before === null ? {} : { before }), limit: PAGE })
    runs = [...(page.runs ?? []), ...runs]
    const [first] = page.runs ?? []
    if (!first || !page.hasMore) return runs
    const found = newestOf(take(new Sequencer(), runs, until), from).filter(isMessage).length
    const oldest = first.items.find(isMessageItem)
    if ('last' in from ? found >= from.last : (oldest?.time ?? 0) < from.since) return runs
    before = formatOffset(first)
  }
}

/** From the first wanted message on. */
function newestOf(
  deliveries: readonly Delivery[],
  from: { readonly last: number } | { readonly since: number },
): readonly Delivery[] {
  const messages = deliveries.filter(isMessage)
  const first =
    'last' in from
      ? messages[Math.max(0, messages.length - from.last)]
      : messages.find(({ item }) => item.time >= from.since)
  return first && !('last' in from && from.last === 0) ? deliveries.slice(deliveries.indexOf(first)) : []
}

function isMessage(delivery: Delivery): delivery is Extract<Delivery, { type: 'message' }> {
  return delivery.type === 'message'
}

/** Whether it lies at or before `until` in that one's lineage. A newer term began after it. */
function isWithin({ term, seq }: Position, until: Position): boolean {
  return seq <= until.seq && (term === until.term || termCounter(term) < termCounter(until.term))
}

/** The log may have dropped more meanwhile than what the channel missed: what follows `until` comes live all the same. */
function clipped(gap: WireGap, until: Position): WireGap | null {
  const resumeAt = gap.resumeAt === null ? null : parseOffset(gap.resumeAt)
  if (!resumeAt || isWithin(resumeAt, until)) return gap
  if (gap.from !== null && gap.from > until.seq) return null
  return { ...gap, to: gap.to === null ? null : until.seq, resumeAt: formatOffset(until) }
}

function endOf({ seq, items }: Run): number {
  return items.reduce((end, item) => end + seqsOf(item), seq - 1)
}
