/**
 * The port between the hub and the store of durable channels. An engine knows nothing of sockets, sessions or
 * frames; the hub knows nothing of files or servers behind the log.
 *
 * Laws, tested by the suite in `packages/conformance`:
 * - seqs of a channel are 1, 2, 3 … without holes; (term, seq) is never used for two entries
 * - an append is one atomic step: everything is checked before anything is written
 * - what was acknowledged is found again as the engine's durability profile promises
 * - whatever the log lost or dropped, a reader is told before the next entry; a clean restart tells nothing
 */
import type { ErrorCode, GapReason, Position } from '@holdfast/core/protocol'

/** What a party knew of a term: it has seen the entry `seq` of it. Only authentic claims may be presented. */
export interface Claim {
  readonly term: string
  readonly seq: number
}

/** Stands for the bytes of a message: equal for equal ones. It is made when it is first asked for. */
export interface Digest {
  readonly value: string
}

/** An entry to append: opaque text, and what idempotency needs. */
export interface NewEntry {
  /** The message id: the idempotency key within the channel and identity. */
  readonly id: string
  /** Of the client's bytes. */
  readonly digest: Digest
  /** JSON text, stored and returned as it is. */
  readonly body: string
}

export interface Retention {
  /** Entries kept a channel. */
  readonly maxEntries: number
  /** Milliseconds an entry is kept. */
  readonly maxAgeMs: number
}

export const DEFAULT_RETENTION: Retention = { maxEntries: 10_000, maxAgeMs: 24 * 3_600_000 }

/** A producer that numbers its appends: `epoch` rises with every start, `seq` counts appends from 0 in an epoch. */
export interface Producer {
  readonly id: string
  readonly epoch: number
  readonly seq: number
}

export interface AppendRequest {
  /** One or more entries, taken all or none, consecutive. May be empty with `close`, or to present claims. */
  readonly entries: readonly NewEntry[]
  /** Whose ids these are. */
  readonly identity: string
  readonly claims?: readonly Claim[]
  /** Milliseconds since the first attempt; 0 or absent on the first. */
  readonly ageMs?: number
  /** Append only if the top is here. */
  readonly ifTop?: Position
  readonly producer?: Producer
  /** Close the channel to further appends, after these entries. */
  readonly close?: boolean
  /** How long ids are remembered, from the first attempt. */
  readonly idempotencyMs: number
  readonly retention: Retention
}

export type AppendResult =
  | {
      readonly outcome: 'appended' | 'duplicate'
      /** The position of the first entry, and so of the others: `first.seq + n`. */
      readonly first: Position
      /** The position of the last entry. */
      readonly last: Position
      /** With `duplicate`: the body stored under the first id, or null where retention has dropped it. */
      readonly body?: string | null
    }
  | {
      readonly outcome: 'refused'
      readonly code: Extract<
        ErrorCode,
        | 'idempotency_conflict'
        | 'idempotency_expired'
        | 'conflict'
        | 'producer_fenced'
        | 'producer_gap'
        | 'channel_closed'
      >
      readonly top: Position
    }

/** Entries of one term, consecutive from `seq`. */
export interface LogRun {
  readonly term: string
  readonly seq: number
  readonly bodies: readonly string[]
}

/** Messages that the reader will not get. `resumeAt` is where it stands after the gap. */
export interface LogGap {
  readonly reason: GapReason
  readonly term: string | null
  readonly from: number | null
  readonly to: number | null
  readonly resumeAt: Position
}

/** Where a read begins. */
export type ReadFrom =
  /** The reader's positions, one a term, newest first: a resume, with the rule of docs "the read rule". */
  | { readonly positions: readonly Position[] }
  | { readonly from: 'earliest' }
  /** The last n entries. */
  | { readonly last: number }
  /** The first retained entry appended at or after this time, milliseconds since 1970. */
  | { readonly since: number }

export interface ReadRequest {
  readonly at: ReadFrom
  readonly claims?: readonly Claim[]
  /** Most entries of the answer. */
  readonly limit: number
  /** Most characters of bodies in the answer; at least one entry is returned. */
  readonly maxLength?: number
}

export interface ReadResult {
  /**
   * Told before the entries, in order: at most a `lost-tail` or `reset` and then a `retention`. Retention gaps never
   * stand in the middle of runs.
   */
  readonly gaps: readonly LogGap[]
  /** Where the reader stands before the first entry. */
  readonly start: Position
  readonly runs: readonly LogRun[]
  /** Where the reader stands after the last entry. */
  readonly end: Position
  /** The channel's top as of this read: `end` equals it where nothing is left. */
  readonly top: Position
  readonly isClosed: boolean
}

export interface HistoryRequest {
  /** Entries below this position, the nearest first to be taken. Exclusive with `after`. */
  readonly before?: Position
  readonly after?: Position
  readonly limit: number
  /** Most characters of bodies in the answer; at least one entry is returned. */
  readonly maxLength?: number
}

export interface HistoryResult {
  /** Oldest first. */
  readonly runs: readonly LogRun[]
  readonly gap: LogGap | null
  readonly hasMore: boolean
}

/** What a channel is, beside its entries. */
export interface ChannelMeta {
  readonly contentType: string | null
  readonly ttlMs: number | null
  readonly isClosed: boolean
  readonly createdAt: number
}

export interface CreateRequest {
  readonly contentType?: string
  readonly ttlMs?: number
}

/**
 * Entries were appended (or a channel was deleted: no bodies). Only a hint: it may be lost, doubled or late. Where
 * `bodies` are given they are the entries from `first` on, all of one term, and `after` is the position before them.
 */
export interface Doorbell {
  readonly channel: string
  readonly after: Position
  readonly first: Position
  readonly bodies: readonly string[]
}

export type LogProfile = 'memory' | 'embedded' | 'redis' | 'redis-ha'

export interface Log {
  readonly profile: LogProfile
  /** Opens the store. Rejects with a HubError (`log_busy`, `log_incompatible`) where it cannot. */
  open(): Promise<void>
  /** Names this log: a term with counter 0, the term of every position in a channel never written. */
  readonly id: string
  /** A secret kept with the log, for the MACs of offsets. 32 bytes. */
  readonly secret: Uint8Array
  append(channel: string, request: AppendRequest): Promise<AppendResult>
  read(channel: string, request: ReadRequest): Promise<ReadResult>
  history(channel: string, request: HistoryRequest): Promise<HistoryResult>
  /** The position of the top; (`id`, 0) for a channel never written. Also notices a change of history. */
  head(channel: string): Promise<Position>
  /** Makes a channel with its meta; the same call again does nothing, other meta answers `channel_exists`. */
  create(channel: string, request: CreateRequest): Promise<'created' | 'exists' | 'channel_exists'>
  meta(channel: string): Promise<ChannelMeta | null>
  /** Deletes a channel's entries: a term starts, readers get `deleted`. False where there is none. */
  delete(channel: string): Promise<boolean>
  /** Copies the retained entries to a new channel, with new seqs from 1. */
  fork(source: string, target: string): Promise<'created' | 'channel_exists' | 'channel_not_found'>
  /** Drops what retention no longer keeps in idle channels, and forgotten ids. Answers how many entries went. */
  sweep(): Promise<number>
  /** Calls `listener` for every doorbell until the returned function is called. */
  subscribe(listener: (bell: Doorbell) => void): () => void
  close(): Promise<void>
}
