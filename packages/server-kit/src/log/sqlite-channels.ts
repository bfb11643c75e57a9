/** The channels of a SQLite log: loaded when asked for, saved within the transaction that changed them. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { randomText } from '@holdfast/core/ports'
import { ChannelLog, type ChannelState, emptyState, type LogContext } from './channel-log.ts'
import { emptyLineage, type Lineage, newestCounter, startTerm } from './lineage.ts'
import type { ChannelMeta, Retention } from './log.ts'
import { readValue } from './sqlite-file.ts'
import { EntryStatements, SqliteShelf } from './sqlite-shelf.ts'

/** Channels kept in memory. */
const CACHED = 10_000
const START_DIGITS = 13

/** What changes seldom, as JSON. An absent limit means that there is none. */
interface Detail {
  readonly lineage: Omit<Lineage, 'pending'>
  /** The start of the engine in which the newest term began, where nothing may have happened since. */
  readonly start: string | null
  readonly meta: ChannelMeta | null
  readonly isCreated: boolean
  readonly retention: Partial<Retention>
}

/** What stands in the file of a cached channel, to see what has changed. */
interface Saved {
  readonly top: number
  readonly base: number
  readonly lineage: Lineage
  readonly meta: ChannelMeta | null
  readonly retention: Retention
}

interface Cached {
  readonly channel: ChannelLog
  readonly shelf: SqliteShelf
  saved: Saved
}

interface Row {
  readonly id: number
  readonly name: string
  readonly top: number
  readonly base: number
  readonly time: number
  readonly json: string
}

export class SqliteChannels {
  readonly #context: LogContext
  readonly #entries: EntryStatements
  /** Least recently used first. */
  readonly #cache = new Map<string, Cached>()
  readonly #touched = new Set<Cached>()
  readonly #find: StatementSync
  readonly #page: StatementSync
  readonly #insert: StatementSync
  readonly #update: StatementSync
  readonly #setDetail: StatementSync
  readonly #remove: StatementSync
  readonly #removeDetail: StatementSync
  readonly #setForgotten: StatementSync
  /** The counter of the newest term of any channel that was forgotten. */
  #forgotten: number
  /** Names this start of the engine. A channel that is loaded again within it goes on in its term. */
  #start: string

  constructor(database: DatabaseSync, context: LogContext) {
    this.#context = context
    this.#entries = new EntryStatements(database)
    this.#find = database.prepare(
      'SELECT id, name, top, base, time, json FROM channel JOIN detail ON detail.channel = channel.id WHERE name = ?',
    )
    this.#page = database.prepare('SELECT id, name FROM channel WHERE id > ? ORDER BY id LIMIT ?')
    this.#insert = database.prepare('INSERT INTO channel (name, top, base, time) VALUES (?, 0, 0, 0)')
    this.#update = database.prepare('UPDATE channel SET top = ?, base = ?, time = ? WHERE id = ?')
    this.#setDetail = database.prepare('INSERT OR REPLACE INTO detail VALUES (?, ?)')
    this.#remove = database.prepare('DELETE FROM channel WHERE id = ?')
    this.#removeDetail = database.prepare('DELETE FROM detail WHERE channel = ?')
    this.#setForgotten = database.prepare("UPDATE log SET value = ? WHERE key = 'forgotten'")
    this.#forgotten = Number(readValue(database, 'forgotten'))
    this.#start = this.#newStart()
  }

  /** The channel as it stands in the file, or null where it was never written nor made. */
  get(name: string): ChannelLog | null {
    return this.#load(name)?.channel ?? null
  }

  /** The channel to read: asking for one that was never written leaves nothing behind. */
  reader(name: string): ChannelLog {
    const lineage = (): Lineage => startTerm(emptyLineage(this.#forgotten), this.#context.random)
    return this.get(name) ?? this.#assemble(name, 0, emptyState(lineage())).channel
  }

  /** The channel to change, within a transaction; `save` writes what changed. */
  writer(name: string): ChannelLog {
    const cached = this.#load(name) ?? this.#make(name)
    this.#touched.add(cached)
    return cached.channel
  }

  /** The names of up to `limit` channels after `id`, and the id to go on from. */
  namesAfter(id: number, limit: number): { readonly names: string[]; readonly lastId: number } {
    const rows = this.#page.all(id, limit) as unknown as { id: number; name: string }[]
    return { names: rows.map(({ name }) => name), lastId: rows.at(-1)?.id ?? id }
  }

  /** Writes the state of the channels that changed; part of their transaction. */
  save(): void {
    for (const cached of this.#touched) this.#save(cached)
  }

  /** The transaction stands. */
  committed(): void {
    for (const cached of this.#touched) cached.saved = savedOf(cached.channel.state)
    this.#touched.clear()
    this.#evict()
  }

  /**
   * The transaction did not take place: what was changed in memory is forgotten and loaded again when needed. Terms
   * start, since a commit that failed may have reached the file after all.
   */
  rolledBack(): void {
    for (const { channel } of this.#touched) this.#cache.delete(channel.name)
    this.#touched.clear()
    this.#start = this.#newStart()
  }

  /** Removes a channel of which nothing is left but its lineage. */
  forget(channel: ChannelLog): void {
    const { channelId } = channel.shelf as SqliteShelf
    ;(channel.shelf as SqliteShelf).removeAll()
    this.#remove.run(channelId)
    this.#removeDetail.run(channelId)
    this.#forgotten = Math.max(this.#forgotten, newestCounter(channel.state.lineage))
    this.#setForgotten.run(this.#forgotten)
    const cached = this.#cache.get(channel.name)
    if (cached) this.#touched.delete(cached)
    this.#cache.delete(channel.name)
  }

  #load(name: string): Cached | null {
    let cached = this.#cache.get(name)
    if (cached) {
      // To the end of the order, once there is anything to be dropped.
      if (this.#cache.size > CACHED / 2) this.#cache.delete(name)
      else return cached
    } else {
      const row = this.#find.get(name) as Row | undefined
      if (!row) return null
      cached = this.#assemble(name, row.id, this.#stateOf(row))
    }
    this.#cache.set(name, cached)
    if (this.#touched.size === 0) this.#evict()
    return cached
  }

  /** Drops the channels used longest ago; never within a transaction. */
  #evict(): void {
    for (const name of this.#cache.keys()) {
      if (this.#cache.size <= CACHED) break
      this.#cache.delete(name)
    }
  }

  #newStart(): string {
    return randomText(this.#context.random, START_DIGITS)
  }

  #make(name: string): Cached {
    const { lastInsertRowid } = this.#insert.run(name)
    const lineage = startTerm(emptyLineage(this.#forgotten), this.#context.random)
    const cached = this.#assemble(name, Number(lastInsertRowid), emptyState(lineage))
    this.#setDetail.run(cached.shelf.channelId, detailOf(cached.channel.state, this.#start))
    this.#cache.set(name, cached)
    return cached
  }

  #assemble(name: string, id: number, state: ChannelState): Cached {
    const shelf = new SqliteShelf(id, state.base, this.#entries)
    return { channel: new ChannelLog(name, state, shelf, this.#context), shelf, saved: savedOf(state) }
  }

  #stateOf({ top, base, time, json }: Row): ChannelState {
    const { lineage, start, meta, isCreated, retention } = JSON.parse(json) as Detail
    const stored: Lineage = { ...lineage, pending: null }
    const { maxEntries = Number.POSITIVE_INFINITY, maxAgeMs = Number.POSITIVE_INFINITY } = retention
    return {
      lineage: start === this.#start ? stored : startTerm(stored, this.#context.random),
      top,
      base,
      lastTime: time,
      oldestTime: 0,
      meta,
      isCreated,
      retention: { maxEntries, maxAgeMs },
    }
  }

  #save({ channel, shelf, saved }: Cached): void {
    const { state } = channel
    if (state.top !== saved.top || state.base !== saved.base) {
      this.#update.run(state.top, state.base, state.lastTime, shelf.channelId)
    }
    const { lineage, meta, retention } = saved
    if (state.lineage !== lineage || state.meta !== meta || state.retention !== retention) {
      this.#setDetail.run(shelf.channelId, detailOf(state, this.#start))
    }
  }
}

function savedOf({ top, base, lineage, meta, retention }: ChannelState): Saved {
  return { top, base, lineage, meta, retention }
}

function detailOf(state: ChannelState, start: string): string {
  const { terms, folded, markers, deletedAt, pending } = state.lineage
  const { maxEntries, maxAgeMs } = state.retention
  const detail: Detail = {
    lineage: { terms, folded, markers, deletedAt },
    start: pending === null ? start : null,
    meta: state.meta,
    isCreated: state.isCreated,
    retention: {
      ...(Number.isFinite(maxEntries) ? { maxEntries } : {}),
      ...(Number.isFinite(maxAgeMs) ? { maxAgeMs } : {}),
    },
  }
  return JSON.stringify(detail)
}
