/** The database's life: opened when first needed, given up when another wants it, opened again. */
import { openDB } from 'idb'
import { type Deferred, deferred } from '../deferred.ts'
import { type Clock, type Random, randomText, type Timer } from '../ports/index.ts'
import { type Database, EPOCH, upgrade, VERSION } from './indexeddb-schema.ts'

export interface DatabaseOptions {
  readonly name: string
  readonly clock: Clock
  readonly random: Random
  /** Whether commits were written that must still be there when the database is opened again. */
  readonly hasCommits: () => boolean
  /** The database is open. `isLost`: what this page had written to it is gone. */
  readonly opened: (isLost: boolean) => void
  /** It cannot be used for now. Told once, until `proven`. */
  readonly failed: (cause: unknown) => void
}

/** A platform may leave a request to open unanswered for ever. */
const OPEN_TIMEOUT_MS = 3_000
const FIRST_REOPEN_MS = 250
const LONGEST_REOPEN_MS = 60_000

export class DatabaseLife {
  readonly #options: DatabaseOptions
  #db: Database | null = null
  #epoch: string | undefined
  #attempts = 0
  #isFailed = false
  #isClosed = false
  #timer: Timer | null = null
  #ready: Deferred<void> | null = null

  constructor(options: DatabaseOptions) {
    this.#options = options
  }

  /** The open database, or null. */
  get db(): Database | null {
    return this.#db
  }

  /** Whether it failed and has not proved itself since: nobody should wait for it. */
  get isFailed(): boolean {
    return this.#isFailed
  }

  /** Opens it on the first call. Resolves when it is open, or known to be of no use for now. */
  ready(): Promise<void> {
    if (!this.#ready) {
      this.#ready = deferred()
      this.#open()
    }
    return this.#ready.promise
  }

  /** Gives up the database that was `used`, and tries again later. Nothing, where another is open by now. */
  giveUp(cause: unknown, used: Database | null = this.#db): void {
    const db = this.#db
    if (used !== db) return
    this.#db = null
    db?.close()
    if (this.#isClosed) return
    this.#fail(cause)
    this.#reopenLater()
  }

  /** Everything that waited was written. Answers whether that ends a failure. */
  proven(): boolean {
    const wasFailed = this.#isFailed
    this.#isFailed = false
    this.#attempts = 0
    return wasFailed
  }

  close(): void {
    this.#isClosed = true
    this.#timer?.clear()
    this.#db?.close()
    this.#db = null
    this.#ready?.resolve()
  }

  async #open(): Promise<void> {
    if (typeof indexedDB === 'undefined') {
      this.#fail(broken('is not there'))
      return
    }
    const { name, clock, random } = this.#options
    const timeout = clock.after(OPEN_TIMEOUT_MS, () => this.#fail(broken('did not answer')))
    try {
      const db = (await openDB(name, VERSION, {
        upgrade: (fresh, from, _to, transaction) =>
          upgrade(fresh as unknown as Database, from, transaction as never, randomText(random, 16)),
        blocked: () => this.#fail(broken('is held by an older tab')),
        // Whoever waits for this tab to let go must not wait; this tab sees later what came of it.
        blocking: (_current, _wanted, event) => {
          ;(event.target as IDBDatabase).close()
          this.giveUp(broken('is wanted by another tab'))
        },
        terminated: () => this.giveUp(broken('was closed')),
      })) as unknown as Database
      const epoch = await db.get('meta', EPOCH)
      const isLost =
        (this.#epoch !== undefined && epoch !== this.#epoch) ||
        (this.#options.hasCommits() && (await db.count('commits')) === 0)
      if (this.#isClosed) {
        db.close()
        return
      }
      this.#epoch = epoch
      this.#db = db
      this.#options.opened(isLost)
      this.#ready?.resolve()
    } catch (cause) {
      this.giveUp(cause)
    } finally {
      timeout.clear()
    }
  }

  #fail(cause: unknown): void {
    this.#ready?.resolve()
    if (this.#isFailed || this.#isClosed) return
    this.#isFailed = true
    this.#options.failed(cause)
  }

  #reopenLater(): void {
    this.#timer?.clear()
    const delayMs = Math.min(LONGEST_REOPEN_MS, FIRST_REOPEN_MS * 2 ** Math.min(this.#attempts++, 10))
    this.#timer = this.#options.clock.after(delayMs, () => this.#open())
  }
}

function broken(how: string): Error {
  return new Error(`IndexedDB ${how}.`)
}
