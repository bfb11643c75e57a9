/** What lies in the database, and where. */
import type { DBSchema, IDBPDatabase, IDBPTransaction } from 'idb'
import type { CachedMessage, ChannelRecord, OutboxRow } from './store.ts'

/** Rises with every change of the object stores; `upgrade` then leads from each older version to this one. */
export const VERSION = 1

/**
 * Where a commit lies: `n` rises with time within a channel. The writer (one store object, so one tab) keeps two
 * tabs of one identity from replacing each other's commits.
 */
export type CommitKey = readonly [scope: string, channel: string, n: number, writer: string]

/** One commit: the record and the messages that led to it, in one value, so that neither can be without the other. */
export interface CommitRow {
  readonly record: ChannelRecord
  readonly messages: readonly CachedMessage[]
  /** The commit that this one continues; null where the channel's cache begins. */
  readonly previous: CommitKey | null
}

export interface Schema extends DBSchema {
  commits: { key: CommitKey & IDBValidKey; value: CommitRow }
  outbox: { key: [scope: string, id: string]; value: OutboxRow }
  /** `epoch`, and the values that lie outside of all scopes, each under `value:` and its key. */
  meta: { key: string; value: string }
}

export type Database = IDBPDatabase<Schema>

export const EPOCH = 'epoch'

/** Creates what version `from` did not have. The epoch tells this database from one that takes its place later. */
export function upgrade(
  db: Database,
  from: number,
  transaction: IDBPTransaction<Schema, ('commits' | 'outbox' | 'meta')[], 'versionchange'>,
  epoch: string,
): void {
  if (from >= 1) return
  db.createObjectStore('commits')
  db.createObjectStore('outbox')
  db.createObjectStore('meta')
  transaction.objectStore('meta').put(epoch, EPOCH)
}

/** All keys that begin with `prefix`: a list sorts after every number and text, so `[]` ends the range. */
export function keysUnder(...prefix: readonly string[]): IDBKeyRange {
  return IDBKeyRange.bound([...prefix], [...prefix, []])
}

/** Whether a transaction failed for want of space. */
export function isQuotaError(error: unknown): boolean {
  return error instanceof Error && error.name === 'QuotaExceededError'
}

/** Undoes a transaction of which a step has failed, if it has not ended by itself; its requests fail unheard. */
export function abandon(transaction: { abort(): void }, requests: readonly Promise<unknown>[]): void {
  for (const request of requests) request.catch(() => undefined)
  try {
    transaction.abort()
  } catch {
    // It had ended.
  }
}
