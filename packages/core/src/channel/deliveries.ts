/** From the wire's forms to the application's. */
import { HoldfastError } from '../errors.ts'
import { DEFAULT_EVENT, dataOf, type MessageItem, type WireGap } from '../protocol/index.ts'
import type { Delivered } from './listener.ts'
import type { Gap, Message, MessageSource } from './message.ts'
import type { Delivery } from './sequencer.ts'

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

export function toGap(channel: string, gap: WireGap): Gap {
  return { ...gap, channel }
}

/** A gap that the client itself tells of: how much is missing it does not know. */
export function ownGap(reason: WireGap['reason'], resumeAt: string | null): Delivery {
  const gap: WireGap = { reason, term: null, from: null, to: null, resumeAt }
  return { type: 'gap', gap, news: gap }
}

/** A delivery as listeners get it. */
export function toDelivered(channel: string, delivery: Delivery, source: MessageSource): Delivered {
  if (delivery.type === 'message') {
    const { item, offset, isRepeat = false } = delivery
    return { type: 'message', message: toMessage(channel, item, offset, source), isRepeat }
  }
  if (delivery.type === 'gap') {
    const { gap, news } = delivery
    return { type: 'gap', gap: toGap(channel, gap), news: news && toGap(channel, news) }
  }
  const message = `The entry at ${delivery.offset} cannot be read.`
  return { type: 'error', error: new HoldfastError('poison', { message }) }
}

/** Stretches that begin with their gap, so that everybody hears of it before the first message after it. */
export function splitAtGaps(delivered: Delivered[]): Delivered[][] {
  if (delivered.every(({ type }) => type !== 'gap')) return [delivered]
  const gaps = delivered.flatMap((item, at) => (item.type === 'gap' ? [at] : []))
  return [0, ...gaps].map((start, at) => delivered.slice(start, gaps[at]))
}
