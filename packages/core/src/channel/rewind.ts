/** Older stretches for a listener that begins before the place where its channel stands. */
import { type Position, parseOffset } from '../protocol/index.ts'
import type { HistoryOptions, HistoryPage } from './history.ts'
import type { Delivered, From } from './listener.ts'
import type { Message } from './message.ts'

const PAGE = 1_000

type FetchPage = (options: HistoryOptions) => Promise<HistoryPage>

/** Calls `deliver` with everything from `from` up to `until` (included), oldest first. */
export async function rewind(
  from: Exclude<From, 'now'>,
  until: Position,
  fetchPage: FetchPage,
  deliver: (delivered: readonly Delivered[]) => void,
): Promise<void> {
  if (typeof from === 'object') {
    deliver(asDelivered(await newest(from, until, fetchPage), null))
    return
  }
  let after = from === 'earliest' ? `0000000000000000_${until.term}` : from
  for (;;) {
    const page = await fetchPage({ after, limit: PAGE })
    const isFirstOfAll = from === 'earliest' && after.startsWith('0000000000000000_')
    const messages = page.messages.filter((message) => isWithin(message, until))
    deliver(asDelivered(messages, isFirstOfAll ? null : page.gap))
    if (!page.hasMore || page.end === null || messages.length < page.messages.length) return
    after = page.end
  }
}

/** The last n messages, or those since a time, up to `until`: found by paging down. */
async function newest(
  from: { readonly last: number } | { readonly since: number },
  until: Position,
  fetchPage: FetchPage,
): Promise<readonly Message[]> {
  const isEnough = (messages: readonly Message[]): boolean =>
    'last' in from
      ? messages.length >= from.last
      : (messages[0]?.timestamp ?? Number.POSITIVE_INFINITY) < from.since
  let messages: readonly Message[] = []
  let before: string | null = null
  do {
    const page: HistoryPage = await fetchPage({ ...(before === null ? {} : { before }), limit: PAGE })
    messages = [...page.messages.filter((message) => isWithin(message, until)), ...messages]
    if (!page.hasMore || page.start === null) break
    before = page.start
  } while (!isEnough(messages))
  if ('last' in from) return messages.slice(Math.max(0, messages.length - from.last))
  return messages.filter(({ timestamp }) => timestamp >= from.since)
}

/** Positions of one unbroken lineage order by seq; what is beyond `until` comes live. */
function isWithin({ offset }: Message, until: Position): boolean {
  const position = offset === null ? null : parseOffset(offset)
  return position !== null && position.seq <= until.seq
}

function asDelivered(messages: readonly Message[], gap: HistoryPage['gap']): readonly Delivered[] {
  const delivered: Delivered[] = messages.map((message) => ({ type: 'message', message }))
  return gap ? [{ type: 'gap', gap }, ...delivered] : delivered
}
