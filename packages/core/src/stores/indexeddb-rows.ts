/** Outbox rows in the database. */
import { HoldfastError } from '../errors.ts'
import type { DatabaseLife } from './indexeddb-database.ts'
import { WriteQueue } from './indexeddb-queue.ts'
import { abandon, type Database, isQuotaError, keysUnder } from './indexeddb-schema.ts'
import type { OutboxRow } from './store.ts'

interface RowWrite {
  readonly scope: string
  /** Null: all of the scope's. */
  readonly id: string | null
  /** Null: deleted. */
  readonly row: OutboxRow | null
}

export class OutboxRows {
  readonly #life: DatabaseLife
  readonly #queue: WriteQueue<RowWrite>

  /** @param evict frees space for rows and answers whether it could */
  constructor(life: DatabaseLife, evict: (scope: string) => Promise<boolean>) {
    this.#life = life
    this.#queue = new WriteQueue({
      life,
      write,
      merge: (_older, newer) => newer,
      failed: async (error, batch) => {
        if (!isQuotaError(error)) return 'giveUp'
        const [first] = batch.values()
        return first && (await evict(first.scope)) ? 'retry' : 'drop'
      },
    })
  }

  async put(scope: string, row: OutboxRow): Promise<void> {
    try {
      await this.#queue.add(keyOf(scope, row.id), { scope, id: row.id, row })
    } catch (cause) {
      throw new HoldfastError('outbox_full', { cause })
    }
  }

  async delete(scope: string, id: string): Promise<void> {
    try {
      await this.#queue.add(keyOf(scope, id), { scope, id, row: null })
    } catch {
      // A disk too full to delete from: the row is sent once more, and the server knows its id.
    }
  }

  async list(scope: string): Promise<readonly OutboxRow[]> {
    await this.#queue.written()
    const { db } = this.#life
    let rows: OutboxRow[] = []
    try {
      rows = (await db?.getAll('outbox', keysUnder(scope))) ?? []
    } catch (cause) {
      this.#life.giveUp(cause, db)
    }
    const byId = new Map(rows.map((row) => [row.id, row]))
    for (const write of this.#queue.items.values()) {
      if (write.scope !== scope) continue
      if (write.row) byId.set(write.row.id, write.row)
      else if (write.id === null) byId.clear()
      else byId.delete(write.id)
    }
    return [...byId.values()].sort((a, b) => a.order - b.order)
  }

  async wipe(scope: string): Promise<void> {
    await this.#queue.written()
    this.#queue.remove((write) => write.scope === scope)
    await this.#queue.add(scope, { scope, id: null, row: null }).catch(() => undefined)
  }

  written(): Promise<void> {
    return this.#queue.written()
  }

  release(): void {
    this.#queue.release()
  }
}

function keyOf(scope: string, id: string): string {
  return `${scope}\u0000${id}`
}

/** Strict: a row that was said to be queued must outlive a crash of the machine. */
async function write(db: Database, batch: ReadonlyMap<string, RowWrite>): Promise<void> {
  const transaction = db.transaction('outbox', 'readwrite', { durability: 'strict' })
  transaction.done.catch(() => undefined)
  const { store } = transaction
  const requests: Promise<unknown>[] = []
  try {
    for (const { scope, id, row } of batch.values()) {
      if (id === null) requests.push(store.delete(keysUnder(scope)))
      else requests.push(row ? store.put(row, [scope, id]) : store.delete([scope, id]))
    }
    transaction.commit()
    await Promise.all([...requests, transaction.done])
  } catch (error) {
    abandon(transaction, requests)
    throw error
  }
}
