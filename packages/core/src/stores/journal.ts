/** The rows of an outbox in a store; those of tabs that are gone are taken over by exactly one other. */
import { type Locks, platformLocks } from '../ports/index.ts'
import type { Journal, JournalEntry, JournalOptions, OutboxRow, Store } from './store.ts'

type RowStore = Pick<Store, 'putOutbox' | 'deleteOutbox' | 'listOutbox'>

/** Locks of a page that was reloaded may outlive it for a moment: each scan waits twice as long as the one before. */
const FIRST_SCAN_MS = 1_000
const LONGEST_SCAN_MS = 30_000

/** The journal of a client's outbox on `store`: holds the client's lock, and looks for rows whose owner's is free. */
export function outboxJournal(store: RowStore, options: JournalOptions): Journal {
  return new StoreJournal(store, options)
}

class StoreJournal implements Journal {
  readonly #store: RowStore
  readonly #locks: Locks
  readonly #options: JournalOptions
  #scope: string | null = null
  #end: () => void = () => undefined
  #scanning: Promise<void> | null = null

  constructor(store: RowStore, options: JournalOptions) {
    this.#store = store
    this.#options = options
    this.#locks = options.locks ?? platformLocks()
  }

  put(
    { id, channel, order, messages, ifTop, createdAt, expiresAt }: JournalEntry,
    firstAttemptAt: number | null,
  ): Promise<void> {
    const owner = this.#options.clientId
    const row = { id, channel, owner, order, messages, createdAt, expiresAt, firstAttemptAt }
    return this.#store.putOutbox(ifTop === undefined ? row : { ...row, ifTop })
  }

  /** A row that could not be deleted is sent once more, and the server knows its ids. */
  delete(id: string): void {
    this.#store.deleteOutbox(id).catch(() => undefined)
  }

  /** Takes the lock and what there is; then looks again from time to time. */
  async start(scope: string): Promise<void> {
    this.stop()
    this.#scope = scope
    let isCurrent = true
    this.#end = () => {
      isCurrent = false
    }
    const { clientId } = this.#options
    const release = (await this.#locks.tryAcquire(lockName(scope, clientId))) ?? (() => undefined)
    if (!isCurrent) return release()
    this.#end = release
    // One that began under another scope ends without effect.
    await this.#scanning
    await this.scan()
    if (this.#end === release) this.#scanAfter(FIRST_SCAN_MS, release)
  }

  stop(): void {
    this.#scope = null
    this.#end()
    this.#end = () => undefined
  }

  /** Takes what nobody owns any more, and this client's own rows of before. One scan at a time. */
  scan(): Promise<void> {
    const scope = this.#scope
    if (scope === null) return Promise.resolve()
    this.#scanning ??= this.#take(scope, () => this.#scope === scope)
      .then(
        (rows) => {
          if (this.#scope === scope) this.#options.adopted(rows)
        },
        // A store or a lock manager that fails now is asked again at the next scan.
        () => undefined,
      )
      .then(() => {
        this.#scanning = null
      })
    return this.#scanning
  }

  #scanAfter(delayMs: number, release: () => void): void {
    const timer = this.#options.clock.after(delayMs, () => {
      this.scan()
      this.#scanAfter(Math.min(2 * delayMs, LONGEST_SCAN_MS), release)
    })
    this.#end = () => {
      timer.clear()
      release()
    }
  }

  async #take(scope: string, isCurrent: () => boolean): Promise<OutboxRow[]> {
    const { clientId, isKnown } = this.#options
    const store = this.#store
    const rows = await store.listOutbox()
    const taken = rows.filter(({ id, owner }) => owner === clientId && !isKnown(id))
    for (const owner of new Set(rows.map((row) => row.owner))) {
      if (owner === clientId || !isCurrent()) continue
      const release = await this.#locks.tryAcquire(lockName(scope, owner))
      if (!release) continue
      try {
        // Another tab may have taken them between the reading and the lock.
        const orphans = (await store.listOutbox()).filter((row) => row.owner === owner)
        if (!isCurrent()) break
        const adopted = orphans.map((row) => ({ ...row, owner: clientId }))
        await Promise.all(adopted.map((row) => store.putOutbox(row)))
        taken.push(...adopted)
      } finally {
        release()
      }
    }
    return taken.sort((a, b) => a.order - b.order)
  }
}

/** The lock that a client holds while it lives. */
function lockName(scope: string, clientId: string): string {
  return `holdfast:${scope}:${clientId}`
}
