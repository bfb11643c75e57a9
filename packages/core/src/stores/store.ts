/** The port for what a client keeps: messages and positions per channel, the outbox, and little else. */
import type { Clock, Locks } from '../ports/index.ts'
import type { MessageItem } from '../protocol/index.ts'

/**
 * What a channel's sequencer needs to go on where it stopped, beside the cached messages (whose ids it also needs).
 * All offsets are tokens as the server gave them.
 */
export interface ChannelRecord {
  /** The last offset held in each of the last four terms, newest first. */
  readonly positions: readonly string[]
  /** Lost tails that the application was told of, of the newest four terms: the highest told seq, and the lowest. */
  readonly told: readonly (readonly [term: string, to: number, from?: number])[]
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

/** A publish that is not settled; deleted when it is. */
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

/** A row, but for what only its journal knows. */
export type JournalEntry = Omit<OutboxRow, 'owner' | 'firstAttemptAt'>

/** Keeps the rows of one client's outbox in a store, and takes over those of clients that are gone. */
export interface Journal {
  /** Begins with a scope that is open: adopts what nobody owns, and looks again from time to time. */
  start(scope: string): Promise<void>
  stop(): void
  /** Looks for rows to adopt at once. */
  scan(): void
  /** Writes or replaces the entry's row. Durable on return. */
  put(entry: JournalEntry, firstAttemptAt: number | null): Promise<void>
  delete(id: string): void
}

export interface JournalOptions {
  readonly clock: Clock
  /** Default: the platform's. */
  readonly locks: Locks | undefined
  readonly clientId: string
  /** Whether the outbox has the row already. */
  readonly isKnown: (id: string) => boolean
  /** Rows that are this client's now, in their order. */
  readonly adopted: (rows: readonly OutboxRow[]) => void
}

/** Something a store did for which the application may want to know. */
export type StoreEvent =
  /** The database cannot be used; from here on the store keeps everything in memory. */
  | { readonly type: 'degraded'; readonly cause: unknown }
  /** The database is usable again; what was kept in memory was written to it. */
  | { readonly type: 'restored' }
  /**
   * What was stored is gone (evicted or deleted): channels that had a position must report a gap, and whoever still
   * holds what was to last writes it anew.
   */
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
  /** Writes or replaces a row. Durable on return. */
  putOutbox(row: OutboxRow): Promise<void>
  deleteOutbox(id: string): Promise<void>
  /** All rows of the scope, in `order`. */
  listOutbox(): Promise<readonly OutboxRow[]>
  /**
   * Makes the journal of a client on this store: `outboxJournal`. Left out by a store that does not outlive its page,
   * and then `outbox: { persist: true }` is refused.
   */
  readonly journal?: (options: JournalOptions) => Journal
  /** A small value outside of all scopes, such as the installation's key; null where there is none. */
  getValue(key: string): Promise<string | null>
  setValue(key: string, value: string): Promise<void>
  /** Sets a value where there is none, and answers the one that is there then: the same for all pages that ask at once. */
  addValue(key: string, value: string): Promise<string>
  /** Deletes the open scope's data (logout). */
  wipe(): Promise<void>
  /** Calls `listener` for every event until the returned function is called. */
  subscribe(listener: (event: StoreEvent) => void): () => void
  close(): Promise<void>
}
