/**
 * Items: what the entries of a channel look like on the wire. An item is stored as the JSON text that is sent, so
 * the server never parses one again; its seq is not in it but follows from its place in the frame.
 */
import { decodeBase64, encodeBase64 } from './base64.ts'

/** A message as it is published: `data` is JSON, or base64 text where `encoding` says so. */
export interface WireMessage {
  readonly id: string
  /** Left out for the event `message`. */
  readonly event?: string
  readonly data: unknown
  readonly encoding?: 'base64'
  readonly meta?: Record<string, unknown>
}

/** A message as it is stored and delivered: what was published, with what the server knows. */
export interface MessageItem extends WireMessage {
  /** Milliseconds since 1970 on the clock of the server that appended it; for display, never for order. */
  readonly time: number
  /** The identity that published it; left out for the server itself. */
  readonly sender?: string
}

/** A tail that the log lost: seqs `from` to `to` of `term`; `from` is null where the term is unknown to the log. */
export interface LostItem {
  readonly lost: { readonly term: string; readonly from: number | null; readonly to: number }
}

/** `skip` consecutive seqs that this subscriber does not get (withheld by a hook). */
export interface SkipItem {
  readonly skip: number
}

/** One stored entry that could not be read; surfaced as an error, then passed over. */
export interface PoisonItem {
  readonly poison: string
}

/** An item of a `messages` frame. Items of other shapes occupy one seq and are passed over. */
export type Item = MessageItem | LostItem | SkipItem | PoisonItem

export const DEFAULT_EVENT = 'message'

/** How many seqs an item stands for. */
export function seqsOf(item: Item): number {
  return 'skip' in item ? item.skip : 1
}

export function isMessageItem(item: Item): item is MessageItem {
  return 'id' in item
}

export function isLostItem(item: Item): item is LostItem {
  return 'lost' in item
}

/** The application's value of an item's data: bytes where it was published as bytes. */
export function dataOf(item: Pick<WireMessage, 'data' | 'encoding'>): unknown {
  return item.encoding === 'base64' ? decodeBase64(item.data as string) : item.data
}

/** The wire form of the application's data: bytes become base64 with a flag, anything else stays as it is. */
export function toWireData(data: unknown): Pick<WireMessage, 'data' | 'encoding'> {
  if (data instanceof Uint8Array) return { data: encodeBase64(data), encoding: 'base64' }
  if (data instanceof ArrayBuffer) return { data: encodeBase64(new Uint8Array(data)), encoding: 'base64' }
  return { data }
}

/**
 * The stored text of a message. `data` stands last, so that a reader who wants the data alone can cut it out.
 * @param data the JSON text of the data
 */
export function formatMessageItem(item: Omit<MessageItem, 'data'>, data: string): string {
  const { id, event, time, sender, encoding, meta } = item
  let text = `{"id":${JSON.stringify(id)},"time":${time}`
  if (event !== undefined && event !== DEFAULT_EVENT) text += `,"event":${JSON.stringify(event)}`
  if (sender !== undefined) text += `,"sender":${JSON.stringify(sender)}`
  if (encoding !== undefined) text += `,"encoding":"${encoding}"`
  if (meta !== undefined) text += `,"meta":${JSON.stringify(meta)}`
  return `${text},"data":${data}}`
}
