/** Pages of the log for the server's own use: what a page is rendered with before its client takes over. */
import type { AnyEvents, EventMap, EventName } from '@holdfast/core/contract'
import {
  DEFAULT_EVENT,
  dataOf,
  formatOffset,
  type Item,
  isMessageItem,
  seqsOf,
  type WireGap,
} from '@holdfast/core/protocol'
import type { ChannelSetup } from './channel.ts'
import type { HubContext } from './context.ts'
import { HubError } from './errors.ts'
import { isCount } from './limits.ts'
import { outgoing } from './outgoing.ts'

export interface HistoryOptions {
  /** Messages before this offset, the nearest ones. */
  readonly before?: string
  /** Messages after this offset, the nearest ones. */
  readonly after?: string
  /** Entries a page, 1 to 1,000; 100 where left out. */
  readonly limit?: number
}

/** A message as clients have it, so that a page's list of them may be a client's `initialMessages`. */
export interface StoredMessage<T = unknown, E extends string = string> {
  readonly id: string
  /** The position after this message: what a subscription goes on from. */
  readonly offset: string
  readonly channel: string
  readonly event: E
  /** JSON, or a Uint8Array where bytes were published. */
  readonly data: T
  /** Milliseconds since 1970. */
  readonly timestamp: number
  /** The identity that published it, or null for the server. */
  readonly sender: string | null
  readonly meta: Readonly<Record<string, unknown>> | null
  readonly source: 'replay'
}

/** The messages of a channel's events. */
export type StoredMessageOf<M extends EventMap = AnyEvents> = {
  [E in EventName<M>]: StoredMessage<M[E]['output'], E>
}[EventName<M>]

export interface HistoryPage<M extends StoredMessage = StoredMessage> {
  /** Oldest first. */
  readonly messages: readonly M[]
  /** Whether there are more in the direction that was asked for. */
  readonly hasMore: boolean
  /** Messages that were asked for and are gone; they stood before the page. */
  readonly gap: (Omit<WireGap, 'resumeAt'> & { readonly resumeAt: string }) | null
}

const MAX_LIMIT = 1_000

/** Throws `bad_cursor`, `not_durable`. */
export async function readHistory(
  context: HubContext,
  setup: ChannelSetup,
  { before, after, limit = 100 }: HistoryOptions,
): Promise<HistoryPage> {
  if (!setup.isDurable) throw new HubError('not_durable')
  if (before !== undefined && after !== undefined)
    throw new HubError('bad_cursor', { message: 'A page lies before an offset or after one, not both.' })
  if (!isCount(limit) || limit > MAX_LIMIT)
    throw new HubError('bad_cursor', { message: `limit must be 1 to ${MAX_LIMIT}.` })
  const { runs, gap, hasMore } = await context.log.history(setup.key, {
    limit,
    ...(before === undefined ? {} : { before: context.offsets.present(setup.key, before) }),
    ...(after === undefined ? {} : { after: context.offsets.present(setup.key, after) }),
  })
  const messages: StoredMessage[] = []
  for (const { term, seq: first, bodies } of runs) {
    let seq = first - 1
    for (const body of outgoing(context, setup, bodies)) {
      const item = JSON.parse(body) as Item
      seq += seqsOf(item)
      if (!isMessageItem(item)) continue
      const { id, event = DEFAULT_EVENT, time: timestamp, sender = null, meta = null } = item
      const offset = formatOffset({ term, seq })
      const { name: channel } = setup
      messages.push({
        id,
        offset,
        channel,
        event,
        data: dataOf(item),
        timestamp,
        sender,
        meta,
        source: 'replay',
      })
    }
  }
  return { messages, hasMore, gap: gap && { ...gap, resumeAt: formatOffset(gap.resumeAt) } }
}
