/** A publish as the application holds it, and how it fails. */
import type { EventMap, EventName } from '../contract/event-map.ts'
import type { HoldfastError } from '../errors.ts'

/** The server has the messages. */
export interface PublishResult {
  /** The first message's id. */
  readonly id: string
  /** The offset of the last message, as `message.offset` has it; null on an ephemeral channel. */
  readonly offset: string | null
  /** The server's time for them, milliseconds since 1970. */
  readonly timestamp: number
  /** Whether an earlier attempt had stored them. */
  readonly duplicate: boolean
}

/** What was to be published. */
export interface PublishAction {
  readonly channel: string
  readonly messages: readonly PublishInput[]
}

export interface PublishInput {
  /** The event; `message` where left out. */
  readonly event?: string
  /** JSON, or bytes as a Uint8Array. */
  readonly data: unknown
  readonly meta?: Record<string, unknown> | undefined
  /**
   * 1 to 64 visible ASCII characters; a UUIDv7 where left out. The same id with the same data is stored once. No two
   * publishes that wait may share one, on whatever channels.
   */
  readonly id?: string | undefined
}

/** What may be published on a channel of these events. */
export type PublishInputOf<M extends EventMap> = {
  [E in EventName<M>]: Omit<PublishInput, 'event' | 'data'> & {
    readonly data: M[E]['input']
  } & ('message' extends E ? { readonly event?: E } : { readonly event: E })
}[EventName<M>]

export interface PublishOptions {
  /** Publish only while the channel's top is this offset; else `conflict`, with the top in the error. */
  readonly ifTop?: string
  /** Never buffered: rejects with `disconnected` unless it can be sent at once. */
  readonly volatile?: boolean
  /** Milliseconds after which it is no longer sent; the outbox's `ttlMs` where left out. */
  readonly ttlMs?: number
}

/**
 * How a publish fails. `error.code` says why; `outcome` is `rejected` where the server certainly did not store it, or
 * `unknown` where it may have. What was rejected is never sent again by itself.
 */
export interface PublishFailure {
  readonly error: HoldfastError
  readonly action: PublishAction
  readonly outcome: 'rejected' | 'unknown'
  /** Tries again under the same ids, so that it is stored once. After a success it answers that success. */
  readonly retry: () => Publish
}

/** A publish under way: a promise of its result, with handles on its way there. */
export interface Publish extends Promise<PublishResult> {
  readonly id: string
  /** Resolves when the outbox holds it (durably, where it persists); rejects where it cannot. */
  readonly queued: Promise<void>
  /**
   * Takes it back unless a server may have it, and says whether it could. The promise then rejects with `cancelled`. It
   * can while it waits, also between attempts that were all answered by an error; not once an answer is outstanding.
   */
  cancel(): boolean
}
