/** The texts of frames that carry stored items: put together from the items' own text, which is never parsed. */
import type { Position } from '@holdfast/core/protocol'

/** Most bytes of a `messages` frame; one item that is larger goes alone. */
export const MAX_MESSAGES_BYTES = 65_536

/** Items of one term, consecutive from `seq`; of no term and seq on an ephemeral channel. */
export interface Items {
  readonly term: string | null
  readonly seq: number
  readonly bodies: readonly string[]
}

/** The position after the last item. */
export function endOf({ term, seq, bodies }: Items): Position | null {
  return term === null ? null : { term, seq: seq + bodies.length - 1 }
}

/** Splits items so that each part fits a frame. */
export function splitItems(items: Items): readonly Items[] {
  const { term, seq, bodies } = items
  let length = 0
  for (const body of bodies) length += body.length
  // A UTF-16 unit takes at most three bytes, so that most batches need not be measured.
  if (length * 3 <= MAX_MESSAGES_BYTES) return [items]
  const parts: Items[] = []
  let from = 0
  let bytes = 0
  for (let at = 0; at < bodies.length; at++) {
    const size = Buffer.byteLength(bodies[at] as string) + 1
    if (bytes + size > MAX_MESSAGES_BYTES && at > from) {
      parts.push({ term, seq: seq + from, bodies: bodies.slice(from, at) })
      from = at
      bytes = 0
    }
    bytes += size
  }
  parts.push({ term, seq: seq + from, bodies: bodies.slice(from) })
  return parts
}

/** Whom a `messages` frame is for. */
export interface Addressing {
  /** The client it is for; undefined where it is for all of them. */
  readonly client?: number | undefined
  /** Read from the log for one subscription. */
  readonly isReplay?: boolean
}

/**
 * A `messages` frame.
 * @param channel the channel's name as JSON text
 * @param at the signed position after the items
 */
export function messagesText(channel: string, items: Items, at: string | null, to: Addressing = {}): string {
  const { term, seq, bodies } = items
  let head = `{"type":"messages","channel":${channel}`
  if (to.client !== undefined) head += `,"client":${to.client}`
  if (to.isReplay) head += ',"replay":true'
  if (term === null) return `${head},"items":[${bodies.join(',')}]}`
  return `${head},"term":"${term}","seq":${seq},"items":[${bodies.join(',')}],"at":"${at}"}`
}

/** A run of a `history` answer. */
export function runText({ term, seq, bodies }: Items): string {
  return `{"term":"${term}","seq":${seq},"items":[${bodies.join(',')}]}`
}
