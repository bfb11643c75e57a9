/** What applications get from a channel. */
import type { AnyEvents, EventMap, EventName } from '../contract/event-map.ts'
import type { GapReason } from '../protocol/index.ts'

/**
 * Where a message came from: `live` as it was published, `replay` from the server's log after a (re)subscribe,
 * `cache` from the local store, `local` from this client's own outbox, before the server has sent it back.
 */
export type MessageSource = 'live' | 'replay' | 'cache' | 'local'

export interface Message<T = unknown, E extends string = string> {
  /** Given by the publisher, and unique per sender. */
  readonly id: string
  /** The position after this message: an opaque token to subscribe from; null on ephemeral channels. */
  readonly offset: string | null
  readonly channel: string
  readonly event: E
  /** JSON, or a Uint8Array where bytes were published. */
  readonly data: T
  /** The server's time of it, milliseconds since 1970. For display; order follows from delivery. */
  readonly timestamp: number
  /** The identity that published it, or null for the server. */
  readonly sender: string | null
  readonly meta: Readonly<Record<string, unknown>> | null
  readonly source: MessageSource
}

/** The messages of a channel's events: of all of them, or of those that are named. */
export type MessageOf<M extends EventMap = AnyEvents, E extends EventName<M> = EventName<M>> = {
  [K in E]: Message<M[K]['output'], K>
}[E]

/**
 * Messages that will never come, told before the first message after them. `from` and `to` are the first and last
 * missing sequence number, so `to - from + 1` are missing; exact for `retention` and `lost-tail`, else they may be null.
 */
export interface Gap {
  readonly channel: string
  readonly reason: GapReason
  /** The term that `from` and `to` count in: another term may give the same numbers to other messages. */
  readonly term: string | null
  readonly from: number | null
  readonly to: number | null
  /** The position that delivery continues after; null on ephemeral channels. */
  readonly resumeAt: string | null
}
