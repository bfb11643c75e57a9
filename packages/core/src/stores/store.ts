/** The port for what a client keeps: messages and positions per channel, the outbox, and little else. */
import type { MessageItem } from '../protocol/index.ts'

/**
 * What a channel's sequencer needs to go on where it stopped, beside the cached messages (whose ids it also needs).
 * All offsets are tokens as the server gave them.
 */
export interface ChannelRecord {
  /** The last offset held in each of the last four terms, newest first. */
  readonly positions: readonly string[]
  /** Losses that the application was told of: the highest told seq of each term, newest four. */
  readonly told: readonly (readonly [term: string, to: number])[]
}

/** A message in the cache: the item as it came, and where it stood. */
export interface CachedMessage {
  readonly item: MessageItem
  /** Null on ephemeral channels, which are not cached by default. */
  readonly offset: string | null
}

/** What `load` finds of a channel. */
export interface CachedChannel {
  readonly record: ChannelRecord
  /** In the order of arrival, oldest first. */
  readonly messages: readonly CachedMessage[]
}

/** A publish that is not settled, or was acknowledged a moment ago. */
export interface OutboxRow {
  /** The first message's id; unique in the store. */
  readonly id: string
  readonly channel: string
  /** The client that sends it; another adopts it when that one is gone. */
  readonly owner: string
  /** Rises with every publish of a store: FIFO order, adopted rows included. */
  readonly order: number
  /** The messages as the `publish` frame carries them. */
  readonly messages: readonly unknown[]
  readonly ifTop?: string
  readonly createdAt: number
  /** When it may no longer be sent. */
  readonly expiresAt: number
  /** When it was first handed to a socket; null before. */
  readonly firstAttemptAt: number | null
}

/** Something a store did for which the application may want to know. */
export type StoreEvent =
  /** The database cannot be used; from here on the store keeps everything in memory. */
  | { readonly type: 'degraded'; readonly cause: unknown }
  /** The database is usable again; what was kept in memory was written to it. */
  | { readonly type: 'restored' }
  /** What was stored is gone (evicted or deleted): channels that had a position must report a gap. */
  | { readonly type: 'lost' }

/**
 * Laws: one `commit` is one transaction: the record is never newer than the messages. Commits of one channel take
 * effect in the order of the calls. An outbox row is durable when `putOutbox` resolves. No call throws for want of
 * space or a blocked database: the store goes on in memory and says `degraded`; only the outbox may answer
 * `outbox_full`. A scope's data is invisible to every other scope.
 */
export interface Store {
  /** Opens the data of one app and identity. Later calls with another scope switch to it. */
  open(scope: string): Promise<void>
  /** What is kept of a channel, or `null`. */
  load(channel: string): Promise<CachedChannel | null>
  /** Adds messages to a channel's cache and replaces its record, in one transaction. */
  commit(channel: string, record: ChannelRecord, messages: readonly CachedMessage[]): Promise<void>
  /** Forgets a channel. */
  forget(channel: string): Promise<void>
  /** Writes or replaces a row. Durable on return. */
  putOutbox(row: OutboxRow): Promise<void>
  deleteOutbox(id: string): Promise<void>
  /** All rows of the scope, in `order`. */
  listOutbox(): Promise<readonly OutboxRow[]>
  /** A small value outside of all scopes, such as the installation's key; null where there is none. */
  getValue(key: string): Promise<string | null>
  setValue(key: string, value: string): Promise<void>
  /** Deletes the open scope's data (logout). */
  wipe(): Promise<void>
  /** Calls `listener` for every event until the returned function is called. */
  subscribe(listener: (event: StoreEvent) => void): () => void
  close(): Promise<void>
}
