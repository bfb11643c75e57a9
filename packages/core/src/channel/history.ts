/** Pages of a channel's log, as the application sees them. */
import type { Command, Connection } from '../connection/connection.ts'
import { formatOffset, isMessageItem, type OkFrame, type Run, seqsOf } from '../protocol/index.ts'
import { toGap, toMessage } from './deliveries.ts'
import type { Gap, Message } from './message.ts'

export interface HistoryOptions {
  /** Messages before this offset, the nearest ones. */
  readonly before?: string
  /** Messages after this offset, the nearest ones. */
  readonly after?: string
  /** Messages a page, 1 to 1,000; 100 where left out. */
  readonly limit?: number
}

export interface HistoryPage<M extends Message = Message> {
  /** Oldest first. */
  readonly messages: readonly M[]
  /** Whether there are more in the direction that was asked for. */
  readonly hasMore: boolean
  /** Messages that were asked for and are gone; they stood before the page. */
  readonly gap: Gap | null
  /** The offset after the page's last entry, to go on with `after`; null where the page is empty. */
  readonly end: string | null
  /** The offset of the page's first entry, to go on with `before`; null where the page is empty. */
  readonly start: string | null
}

/** Asks the server for a page; the newest where neither `before` nor `after` is given. */
export function fetchHistory(
  connection: Pick<Connection, 'request'>,
  channel: string,
  options: HistoryOptions,
): Promise<OkFrame> {
  const command: Command = { type: 'history', channel, ...options }
  return connection.request(command)
}

export function toPage(channel: string, answer: OkFrame): HistoryPage {
  const runs: readonly Run[] = answer.runs ?? []
  const messages: Message[] = []
  let start: string | null = null
  let end: string | null = null
  for (const { term, seq: first, items } of runs) {
    let seq = first - 1
    start ??= items.length > 0 ? formatOffset({ term, seq: first }) : null
    for (const item of items) {
      seq += seqsOf(item)
      if (isMessageItem(item)) messages.push(toMessage(channel, item, formatOffset({ term, seq }), 'replay'))
    }
    if (items.length > 0) end = formatOffset({ term, seq })
  }
  return {
    messages,
    hasMore: answer.hasMore ?? false,
    gap: answer.gap ? toGap(channel, answer.gap) : null,
    start,
    end,
  }
}
