/**
 * One channel of a log: what every engine does alike, over the shelf on which an engine keeps the entries. Each
 * method decides first and then writes, without a pause, so that an engine only has to make its writes atomic.
 */

import type { Random } from '@holdfast/core/ports'
import { type LostItem, type Position, samePosition } from '@holdfast/core/protocol'
import { type AppendMemory, decideAppend, type ProducerRecord } from './append-rule.ts'
import {
  fold,
  type Lineage,
  type LogMutant,
  lossOf,
  positionAt,
  startTerm,
  withEntry,
  withMarker,
} from './lineage.ts'
import type {
  AppendRequest,
  AppendResult,
  ChannelMeta,
  Claim,
  CreateRequest,
  Digest,
  Doorbell,
  NewEntry,
  ReadFrom,
  ReadRequest,
  ReadResult,
  Retention,
} from './log.ts'
import { type Extent, type Resumption, resumeFrom } from './read-rule.ts'
import { runsOf } from './runs.ts'

/** Lineages outlive the last append by this long. */
const LINEAGE_KEPT_MS = 30 * 24 * 3_600_000

/** An id to remember with an entry. */
export interface EntryKey {
  readonly identity: string
  readonly id: string
  readonly digest: Digest
  readonly rememberedAt: number
  readonly expiresAt: number
}

/** Where an engine keeps one channel's entries, ids and producers. Entries are asked for only from `base` + 1 to `top`. */
export interface Shelf extends AppendMemory {
  put(seq: number, time: number, body: string, key: EntryKey | null): void
  /** Bodies of `from` to `to`: as many as fit `maxLength` characters, at least one. */
  bodies(from: number, to: number, maxLength: number): string[]
  /** The same from the other end: those nearest to `to`, in order. */
  lastBodies(from: number, to: number, maxLength: number): string[]
  timeOf(seq: number): number
  /** Entries up to `seq` are gone; their ids stay known until they expire. */
  trim(seq: number, now: number): void
  setProducer(id: string, record: ProducerRecord): void
  /** The channel is deleted, entries up to `seq` with it: no body of it and no producer may stay. */
  clear(seq: number): void
  /** Drops ids that have expired. */
  forget(now: number): void
}

export interface ChannelState {
  lineage: Lineage
  top: number
  /** The last seq that is not retained. */
  base: number
  /** When the last entry was appended. Times never fall along the seqs, whatever the clock does. */
  lastTime: number
  /** No retained entry is older than this. */
  oldestTime: number
  /** Null where there is no channel: never made, or deleted. */
  meta: ChannelMeta | null
  /** Made by `create`: it stays though it is empty. */
  isCreated: boolean
  retention: Retention
}

/** What the channels of one log share. */
export interface LogContext {
  readonly id: string
  readonly random: Random
  readonly mutants: ReadonlySet<LogMutant>
  now(): number
  ring(bell: Doorbell): void
}

const NO_RETENTION: Retention = { maxEntries: Number.POSITIVE_INFINITY, maxAgeMs: Number.POSITIVE_INFINITY }

export function emptyState(lineage: Lineage): ChannelState {
  return {
    lineage,
    top: 0,
    base: 0,
    lastTime: 0,
    oldestTime: 0,
    meta: null,
    isCreated: false,
    retention: NO_RETENTION,
  }
}

export class ChannelLog {
  readonly name: string
  readonly state: ChannelState
  readonly shelf: Shelf
  readonly #context: LogContext

  constructor(name: string, state: ChannelState, shelf: Shelf, context: LogContext) {
    this.name = name
    this.state = state
    this.shelf = shelf
    this.#context = context
  }

  get head(): Position {
    return positionAt(this.state.lineage, this.#context.id, this.state.top)
  }

  /** What a reader can get now: entries that are too old are hidden before they are trimmed. */
  get extent(): Extent {
    const { lineage, top } = this.state
    return { logId: this.#context.id, lineage, top, base: this.#expiredTo(this.#context.now()) }
  }

  /** Whether taking these claims writes markers. */
  raises(claims: readonly Claim[] | undefined): boolean {
    if (!claims) return false
    const { lineage, top } = this.state
    return claims.some((claim) => lossOf(lineage, top, claim, this.#context.mutants) !== null)
  }

  append(request: AppendRequest): AppendResult {
    const now = this.#context.now()
    const before = this.head
    const bodies = this.#takeClaims(request.claims, now)
    const top = bodies.length > 0 ? this.head : before
    const verdict = decideAppend(request, {
      isClosed: this.state.meta?.isClosed ?? false,
      top,
      now,
      mutants: this.#context.mutants,
      memory: this.shelf,
    })
    if (verdict.outcome === 'append') this.#write(request, bodies, now)
    // Whoever hears of it may append at once.
    const last = this.head
    this.#announce(before, bodies)
    if (verdict.outcome === 'refused') return { ...verdict, top }
    if (verdict.outcome === 'duplicate') return this.#duplicate(verdict.first, verdict.last)
    const first = { term: last.term, seq: last.seq - Math.max(0, request.entries.length - 1) }
    return { outcome: 'appended', first, last }
  }

  read(request: ReadRequest): ReadResult {
    const before = this.head
    this.#announce(before, this.#takeClaims(request.claims, this.#context.now()))
    const extent = this.extent
    const { gaps, start } = this.#startOf(request.at, extent)
    const to = Math.min(extent.top, start.seq + request.limit)
    const bodies =
      to > start.seq
        ? this.shelf.bodies(start.seq + 1, to, request.maxLength ?? Number.POSITIVE_INFINITY)
        : []
    return {
      gaps,
      start,
      runs: runsOf(extent.lineage, start.seq + 1, bodies),
      end: bodies.length > 0 ? positionAt(extent.lineage, extent.logId, start.seq + bodies.length) : start,
      top: this.head,
      isClosed: this.state.meta?.isClosed ?? false,
    }
  }

  create(request: CreateRequest): 'created' | 'exists' | 'channel_exists' {
    const { contentType = null, ttlMs = null } = request
    const { meta } = this.state
    if (meta) return meta.contentType === contentType && meta.ttlMs === ttlMs ? 'exists' : 'channel_exists'
    this.state.meta = { contentType, ttlMs, isClosed: false, createdAt: this.#context.now() }
    this.state.isCreated = true
    return 'created'
  }

  /**
   * Deletes the channel. A new term begins with the seq that the deletion itself takes, so that whoever stands
   * before it, the reader of the last entry included, finds a hole and is told.
   */
  delete(): boolean {
    const { state } = this
    if (!state.meta) return false
    state.meta = null
    state.isCreated = false
    if (state.top === 0) return true
    const before = this.head
    const seq = state.top + 1
    const started =
      state.lineage.pending === null ? startTerm(state.lineage, this.#context.random) : state.lineage
    state.lineage = { ...withEntry(started, seq), deletedAt: seq }
    state.top = seq
    state.base = seq
    state.lastTime = Math.max(this.#context.now(), state.lastTime)
    this.shelf.clear(seq)
    this.#context.ring({ channel: this.name, after: before, first: this.head, bodies: [] })
    return true
  }

  /** Takes over what `source` retains, under new seqs. This channel must not exist. */
  copyFrom(source: ChannelLog): void {
    const { base, top } = source.extent
    const { meta, retention } = source.state
    const before = this.head
    const bodies: string[] = []
    this.state.meta = {
      contentType: meta?.contentType ?? null,
      ttlMs: meta?.ttlMs ?? null,
      isClosed: false,
      createdAt: this.#context.now(),
    }
    this.state.isCreated = true
    this.state.retention = retention
    for (let seq = base + 1; seq <= top; seq++) {
      const [body = ''] = source.shelf.bodies(seq, seq, 0)
      this.#put(body, source.shelf.timeOf(seq), null)
      bodies.push(body)
    }
    this.#announce(before, bodies)
  }

  /** Trims what is too old, forgets ids, ends a channel whose time to live has passed. Answers how many entries went. */
  sweep(): number {
    const { state } = this
    const now = this.#context.now()
    const { meta } = state
    const retained = state.top - state.base
    if (meta?.ttlMs != null && meta.createdAt + meta.ttlMs <= now) this.delete()
    else this.#trim(now)
    this.shelf.forget(now)
    return retained - Math.max(0, state.top - state.base)
  }

  /** Nothing is left of the channel, and nobody's position in it counts any more. */
  get isForgotten(): boolean {
    const { top, base, meta, isCreated, lastTime } = this.state
    const isKept = meta !== null && (isCreated || meta.isClosed)
    return !isKept && top === base && lastTime + LINEAGE_KEPT_MS <= this.#context.now()
  }

  /** Writes a marker for each loss that a claim shows; answers their bodies. */
  #takeClaims(claims: readonly Claim[] | undefined, now: number): string[] {
    const bodies: string[] = []
    for (const claim of claims ?? []) {
      const lost = lossOf(this.state.lineage, this.state.top, claim, this.#context.mutants)
      if (!lost) continue
      const item: LostItem = { lost }
      const body = JSON.stringify(item)
      this.#exist(now)
      const seq = this.#put(body, now, null)
      this.state.lineage = withMarker(this.state.lineage, lost, seq)
      bodies.push(body)
    }
    return bodies
  }

  #write(request: AppendRequest, bodies: string[], now: number): void {
    const { entries, producer, close, retention } = request
    if (entries.length === 0 && !close) return
    const { state } = this
    const meta = this.#exist(now)
    if (
      retention.maxEntries !== state.retention.maxEntries ||
      retention.maxAgeMs !== state.retention.maxAgeMs
    ) {
      state.retention = { maxEntries: retention.maxEntries, maxAgeMs: retention.maxAgeMs }
    }
    const first = state.top + 1
    for (const entry of entries) {
      this.#put(entry.body, now, producer ? null : keyOf(entry, request, now))
      bodies.push(entry.body)
    }
    if (producer) {
      const { id, epoch, seq } = producer
      this.shelf.setProducer(id, { epoch, seq, first: Math.min(first, state.top), last: state.top })
    }
    if (close && !meta.isClosed) state.meta = { ...meta, isClosed: true }
    this.#trim(now)
  }

  #exist(now: number): ChannelMeta {
    this.state.meta ??= { contentType: null, ttlMs: null, isClosed: false, createdAt: now }
    return this.state.meta
  }

  #put(body: string, now: number, key: EntryKey | null): number {
    const { state } = this
    const seq = state.top + 1
    if (state.lineage.pending !== null) state.lineage = fold(withEntry(state.lineage, seq), state.base)
    const time = Math.max(now, state.lastTime)
    if (state.top === state.base) state.oldestTime = time
    this.shelf.put(seq, time, body, key)
    state.top = seq
    state.lastTime = time
    return seq
  }

  #trim(now: number): void {
    const { state } = this
    const base = Math.max(this.#expiredTo(now), state.top - state.retention.maxEntries)
    if (base <= state.base) return
    state.base = base
    this.shelf.trim(base, now)
  }

  /** The last seq that is trimmed or too old. */
  #expiredTo(now: number): number {
    const { state } = this
    if (state.top === state.base) return state.base
    const newestExpired = now - state.retention.maxAgeMs
    if (state.oldestTime > newestExpired) return state.base
    state.oldestTime = this.shelf.timeOf(state.base + 1)
    return this.#firstAfter(newestExpired, state.base) - 1
  }

  /** The first seq above `base` whose time is later than `time`; above the top where there is none. */
  #firstAfter(time: number, base: number): number {
    let low = base + 1
    let high = this.state.top + 1
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      if (this.shelf.timeOf(middle) > time) high = middle
      else low = middle + 1
    }
    return low
  }

  #startOf(at: ReadFrom, extent: Extent): Resumption {
    if ('positions' in at) return resumeFrom(extent, at.positions)
    const { base, top, lineage, logId } = extent
    let seq = base
    if ('last' in at) seq = Math.max(base, top - at.last)
    if ('since' in at) seq = this.#firstAfter(at.since - 1, base) - 1
    return { gaps: [], start: positionAt(lineage, logId, seq) }
  }

  #duplicate(first: number, last: number): AppendResult {
    const { logId, lineage, base } = this.extent
    const [body = null] = first > base ? this.shelf.bodies(first, first, 0) : []
    return {
      outcome: 'duplicate',
      first: positionAt(lineage, logId, first),
      last: positionAt(lineage, logId, last),
      body,
    }
  }

  #announce(after: Position, bodies: readonly string[]): void {
    if (bodies.length === 0) return
    const head = this.head
    if (samePosition(after, head)) return
    this.#context.ring({ channel: this.name, after, first: { term: head.term, seq: after.seq + 1 }, bodies })
  }
}

function keyOf(entry: NewEntry, request: AppendRequest, now: number): EntryKey {
  const { identity, idempotencyMs } = request
  return { identity, id: entry.id, digest: entry.digest, rememberedAt: now, expiresAt: now + idempotencyMs }
}
