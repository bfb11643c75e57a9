/** Writes that wait for the database: one transaction at a time, what comes meanwhile goes into the next. */
import { type Deferred, deferred } from '../deferred.ts'
import type { DatabaseLife } from './indexeddb-database.ts'
import type { Database } from './indexeddb-schema.ts'

export interface QueueOptions<Item> {
  readonly life: DatabaseLife
  /** Writes a batch in one transaction, which is begun before the first `await`: the page may be on its way out. */
  readonly write: (db: Database, batch: ReadonlyMap<string, Item>) => Promise<void>
  /** One item that does what `older` and then `newer` would. */
  readonly merge: (older: Item, newer: Item) => Item
  /**
   * A batch failed. `retry`: write it again; `drop`: not, its callers get `error`; `giveUp`: the database is of no use
   * for now, and the batch waits in memory.
   */
  readonly failed: (error: unknown, batch: ReadonlyMap<string, Item>) => Promise<'retry' | 'drop' | 'giveUp'>
}

export class WriteQueue<Item> {
  readonly #options: QueueOptions<Item>
  #items = new Map<string, Item>()
  /** Those who wait for the items. */
  #waiting: Deferred<void> | null = null
  #writing: Promise<void> | null = null

  constructor(options: QueueOptions<Item>) {
    this.#options = options
  }

  /** What waits to be written, oldest first. */
  get items(): ReadonlyMap<string, Item> {
    return this.#items
  }

  /** Resolves when the item was written, or is kept in memory because the database is of no use. */
  add(key: string, item: Item): Promise<void> {
    const older = this.#items.get(key)
    this.#items.set(key, older === undefined ? item : this.#options.merge(older, item))
    this.#options.life.ready()
    if (this.#options.life.isFailed) {
      this.flush()
      return Promise.resolve()
    }
    if (!this.#waiting) {
      this.#waiting = deferred()
      this.#waiting.promise.catch(() => undefined)
    }
    const { promise } = this.#waiting
    this.flush()
    return promise
  }

  /** Takes back what waits. */
  remove(isMeant: (item: Item) => boolean): void {
    for (const [key, item] of this.#items) if (isMeant(item)) this.#items.delete(key)
  }

  /** Resolves when all that was added so far is written, or the database has failed. */
  async written(): Promise<void> {
    this.flush()
    await this.#waiting?.promise.catch(() => undefined)
    while (this.#writing) await this.#writing
  }

  flush(): void {
    const { life, write } = this.#options
    const { db } = life
    if (this.#writing || !db) return
    if (this.#items.size === 0) {
      this.release()
      return
    }
    const batch = this.#items
    const callers = this.#waiting
    this.#items = new Map()
    this.#waiting = null
    this.#writing = write(db, batch)
      .then(
        () => callers?.resolve(),
        (error) => this.#failed(error, db, batch, callers),
      )
      .then(() => {
        this.#writing = null
        this.flush()
      })
  }

  /** Nobody waits any longer. */
  release(): void {
    this.#waiting?.resolve()
    this.#waiting = null
  }

  async #failed(
    error: unknown,
    db: Database,
    batch: Map<string, Item>,
    callers: Deferred<void> | null,
  ): Promise<void> {
    const { failed, merge, life } = this.#options
    const answer = await failed(error, batch)
    if (answer === 'drop') {
      callers?.reject(error)
      return
    }
    for (const [key, newer] of this.#items) {
      const older = batch.get(key)
      batch.set(key, older === undefined ? newer : merge(older, newer))
    }
    this.#items = batch
    if (answer === 'giveUp') {
      callers?.resolve()
      life.giveUp(error, db)
    } else if (this.#waiting) {
      this.#waiting.promise.then(callers?.resolve, callers?.reject)
    } else this.#waiting = callers
  }
}
