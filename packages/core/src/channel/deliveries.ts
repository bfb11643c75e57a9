/** From the wire's forms to the application's. */
import { DEFAULT_EVENT, dataOf, type MessageItem, type WireGap } from '../protocol/index.ts'
import type { Gap, Message, MessageSource } from './message.ts'

export function toMessage(
  channel: string,
  item: MessageItem,
  offset: string | null,
  source: MessageSource,
): Message {
  return {
    id: item.id,
    offset,
    channel,
    event: item.event ?? DEFAULT_EVENT,
    data: dataOf(item),
    timestamp: item.time,
    sender: item.sender ?? null,
    meta: item.meta ?? null,
    source,
  }
}

export function toGap(channel: string, { reason, term, from, to, resumeAt }: WireGap): Gap {
  return { channel, reason, term, from, to, resumeAt }
}
