/** The store of a browser: messages, positions and the outbox in IndexedDB. */
import { type Clock, type Random, randomText, systemClock, systemRandom } from '../ports/index.ts'
import { CommitCache } from './indexeddb-cache.ts'
import { DatabaseLife } from './indexeddb-database.ts'
import { OutboxRows } from './indexeddb-rows.ts'
import { outboxJournal } from './journal.ts'
import type {
  CachedChannel,
  CachedMessage,
  ChannelRecord,
  Journal,
  JournalOptions,
  OutboxRow,
  Store,
  StoreEvent,
} from './store.ts'

export interface IndexedDbOptions {
  /** The database's name; one an application. */
  readonly name: string
  /** Messages kept a channel, give or take one commit. Default: 1,000. */
  readonly maxMessages?: number
  readonly clock?: Clock
  readonly random?: Random
}

/**
 * Keeps messages, positions and the outbox in IndexedDB. Opened with its first use. Where the database is blocked,
 * taken away, full or missing (Node, some private modes), the store goes on in memory, says `degraded`, and writes
 * what it has when the database can be opened again.
 *
 * @remarks
 * A database that was deleted or evicted under the page is noticed when it is opened again, and told as `lost`. One
 * that was deleted while no page was open looks like a first visit: browsers keep nothing by which to tell the two
 * apart, and delete a site's data as a whole. A commit's messages and its record are one value, so that positions
 * without the messages that led to them cannot be found either.
 *
 * @example
 * const client = createClient({ transports, store: indexedDb({ name: 'app' }), outbox: { persist: true } })
 */
export function indexedDb(options: IndexedDbOptions): Store {
  return new IndexedDbStore(options)
}

const VALUE = 'value:'

class IndexedDbStore implements Store {
  readonly #life: DatabaseLife
  readonly #cache: CommitCache
  readonly #rows: OutboxRows
  readonly #listeners = new Set<(event: StoreEvent) => void>()
  /** Values set while the database was of no use. */
  readonly #values = new Map<string, string>()
  #scope = ''

  constructor({ name, maxMessages = 1_000, clock = systemClock, random = systemRandom }: IndexedDbOptions) {
    this.#life = new DatabaseLife({
      name,
      clock,
      random,
      hasCommits: () => this.#cache.hasCommits,
      opened: (isLost) => this.#opened(isLost),
      failed: (cause) => {
        this.#cache.release()
        this.#rows.release()
        this.#emit({ type: 'degraded', cause })
      },
    })
    this.#cache = new CommitCache(this.#life, clock, randomText(random, 8), maxMessages)
    this.#rows = new OutboxRows(this.#life, (scope) => this.#cache.evict(scope))
  }

  async open(scope: string): Promise<void> {
    this.#scope = scope
    await this.#life.ready()
  }

  async load(channel: string): Promise<CachedChannel | null> {
    const scope = this.#scope
    await this.#life.ready()
    return this.#cache.load(scope, channel)
  }

  commit(channel: string, record: ChannelRecord, messages: readonly CachedMessage[]): Promise<void> {
    return this.#cache.commit(this.#scope, channel, record, messages)
  }

  putOutbox(row: OutboxRow): Promise<void> {
    return this.#rows.put(this.#scope, row)
  }

  deleteOutbox(id: string): Promise<void> {
    return this.#rows.delete(this.#scope, id)
  }

  async listOutbox(): Promise<readonly OutboxRow[]> {
    const scope = this.#scope
    await this.#life.ready()
    return this.#rows.list(scope)
  }

  journal(options: JournalOptions): Journal {
    return outboxJournal(this, options)
  }

  async getValue(key: string): Promise<string | null> {
    await this.#life.ready()
    const { db } = this.#life
    try {
      const stored = await db?.get('meta', VALUE + key)
      if (stored !== undefined) return stored
    } catch (cause) {
      this.#life.giveUp(cause, db)
    }
    return this.#values.get(key) ?? null
  }

  async setValue(key: string, value: string): Promise<void> {
    await this.#life.ready()
    const { db } = this.#life
    try {
      if (db) {
        await db.put('meta', value, VALUE + key)
        return
      }
    } catch (cause) {
      this.#life.giveUp(cause, db)
    }
    this.#values.set(key, value)
  }

  async addValue(key: string, value: string): Promise<string> {
    await this.#life.ready()
    const { db } = this.#life
    try {
      const transaction = db?.transaction('meta', 'readwrite')
      if (transaction) {
        const stored = await transaction.store.get(VALUE + key)
        if (stored === undefined) await transaction.store.add(value, VALUE + key)
        await transaction.done
        return stored ?? value
      }
    } catch (cause) {
      this.#life.giveUp(cause, db)
    }
    const held = this.#values.get(key) ?? value
    this.#values.set(key, held)
    return held
  }

  async wipe(): Promise<void> {
    const scope = this.#scope
    await this.#life.ready()
    await Promise.all([this.#cache.wipe(scope), this.#rows.wipe(scope)])
  }

  subscribe(listener: (event: StoreEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    await this.#written()
    this.#life.close()
    this.#cache.release()
    this.#rows.release()
  }

  #opened(isLost: boolean): void {
    if (isLost) {
      this.#cache.forgetChains()
      this.#emit({ type: 'lost' })
    }
    const { db } = this.#life
    Promise.all([this.#written(), this.#fillValues()]).then(() => {
      if (db && this.#life.db === db && this.#life.proven()) this.#emit({ type: 'restored' })
    })
  }

  async #written(): Promise<void> {
    await Promise.all([this.#cache.written(), this.#rows.written()])
  }

  /** What was set in memory fills what is missing, and replaces nothing: the database knew better, had it been asked. */
  async #fillValues(): Promise<void> {
    for (const [key, value] of this.#values) {
      await this.#life.db?.add('meta', value, VALUE + key).catch(() => undefined)
    }
    this.#values.clear()
  }

  #emit(event: StoreEvent): void {
    for (const listener of [...this.#listeners]) listener(event)
  }
}
