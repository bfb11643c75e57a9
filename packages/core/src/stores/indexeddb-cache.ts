/** Cached messages and positions in the database: a row a commit, a chain of rows a channel. */
import type { Clock } from '../ports/index.ts'
import { chainOf, type KeyedRow, messagesOf } from './indexeddb-chain.ts'
import type { DatabaseLife } from './indexeddb-database.ts'
import { WriteQueue } from './indexeddb-queue.ts'
import {
  abandon,
  type CommitKey,
  type Database,
  isQuotaError,
  keysUnder,
  type Schema,
} from './indexeddb-schema.ts'
import type { CachedChannel, CachedMessage, ChannelRecord } from './store.ts'

interface Commit {
  readonly scope: string
  /** Null: the whole scope, to be deleted. */
  readonly channel: string | null
  /** What is stored is deleted first. */
  readonly replaces: boolean
  readonly content: CachedChannel | null
}

/** What is known of a channel's rows, so that a commit need not read before it writes. */
interface Chain {
  readonly rows: { readonly key: CommitKey; readonly count: number }[]
  /** Messages in `rows`. */
  total: number
  lastN: number
  /** Rows of other tabs that fell behind; the next commit deletes them. */
  stale: readonly CommitKey[]
}

type Commits = ReturnType<ReturnType<typeof begin>['objectStore']>

export class CommitCache {
  readonly #life: DatabaseLife
  readonly #clock: Clock
  readonly #writer: string
  readonly #maxMessages: number
  readonly #queue: WriteQueue<Commit>
  readonly #chains = new Map<string, Chain>()
  /** Channels that were loaded while the database was of no use: what they hold now does not continue its rows. */
  readonly #unread = new Set<string>()
  #hasCommits = false

  constructor(life: DatabaseLife, clock: Clock, writer: string, maxMessages: number) {
    this.#life = life
    this.#clock = clock
    this.#writer = writer
    this.#maxMessages = maxMessages
    this.#queue = new WriteQueue({
      life,
      write: (db, batch) => this.#write(db, batch),
      merge: (older, newer) => this.#merge(older, newer),
      failed: async (error, batch) => {
        for (const key of batch.keys()) this.#chains.delete(key)
        const [commit] = batch.values()
        return isQuotaError(error) && commit && (await this.evict(commit.scope)) ? 'retry' : 'giveUp'
      },
    })
  }

  get hasCommits(): boolean {
    return this.#hasCommits
  }

  commit(
    scope: string,
    channel: string,
    record: ChannelRecord,
    messages: readonly CachedMessage[],
  ): Promise<void> {
    const key = keyOf(scope, channel)
    const replaces = this.#unread.delete(key)
    return this.#queue.add(key, { scope, channel, replaces, content: { record, messages } })
  }

  async load(scope: string, channel: string): Promise<CachedChannel | null> {
    const key = keyOf(scope, channel)
    await this.#queue.written()
    const { db } = this.#life
    if (db) {
      try {
        const transaction = db.transaction('commits')
        const reading = read(transaction.store, scope, channel)
        // A commit right after this must not wait for the end of an idle transaction: the page may be on its way out.
        transaction.commit()
        const [{ rows, chain }] = await Promise.all([reading, transaction.done])
        if (!this.#chains.has(key)) this.#chains.set(key, chain)
        const newest = rows.at(-1)
        return newest ? { record: newest.row.record, messages: messagesOf(rows, this.#maxMessages) } : null
      } catch (cause) {
        this.#life.giveUp(cause, db)
      }
    }
    const content = this.#queue.items.get(key)?.content ?? null
    if (!content) this.#unread.add(key)
    return content
  }

  async wipe(scope: string): Promise<void> {
    await this.#queue.written()
    this.#queue.remove((commit) => commit.scope === scope)
    this.forgetChains()
    await this.#queue.add(scope, { scope, channel: null, replaces: true, content: null })
  }

  /** Nothing is known any more of what the database holds. */
  forgetChains(): void {
    this.#chains.clear()
    this.#hasCommits = false
  }

  written(): Promise<void> {
    return this.#queue.written()
  }

  release(): void {
    this.#queue.release()
  }

  /**
   * Frees space: half of the scope's rows, oldest first, or where each channel has only one left, its messages. The
   * records stay, or a channel would begin anew without a gap. Answers whether anything was freed.
   */
  async evict(scope: string): Promise<boolean> {
    const { db } = this.#life
    if (!db) return false
    this.#chains.clear()
    const transaction = begin(db)
    transaction.done.catch(() => undefined)
    const commits = transaction.objectStore('commits')
    try {
      const keys = await commits.getAllKeys(keysUnder(scope))
      const newest = new Map(keys.map((key) => [key[1], key]))
      const older = keys.filter((key) => newest.get(key[1]) !== key).sort((a, b) => a[2] - b[2])
      let freed = Math.ceil(older.length / 2)
      for (const key of older.slice(0, freed)) await commits.delete(key)
      if (freed === 0) {
        for (const key of newest.values()) {
          const row = await commits.get(key)
          if (!row || row.messages.length === 0) continue
          await commits.delete(key)
          await commits.put({ ...row, messages: [] }, key)
          freed++
        }
      }
      await transaction.done
      return freed > 0
    } catch {
      abandon(transaction, [])
      return false
    }
  }

  #merge(older: Commit, newer: Commit): Commit {
    if (newer.replaces || !newer.content) return newer
    const messages = [...(older.content?.messages ?? []), ...newer.content.messages]
    // A database that is slow or gone must not let this grow.
    if (messages.length > this.#maxMessages) messages.splice(0, messages.length - this.#maxMessages)
    return { ...newer, replaces: older.replaces, content: { record: newer.content.record, messages } }
  }

  async #write(db: Database, batch: ReadonlyMap<string, Commit>): Promise<void> {
    const transaction = begin(db)
    transaction.done.catch(() => undefined)
    const commits = transaction.objectStore('commits')
    const requests: Promise<unknown>[] = []
    try {
      const unknown: [string, Commit][] = []
      for (const [key, { scope, channel, replaces }] of batch) {
        if (!replaces) continue
        requests.push(commits.delete(channel === null ? keysUnder(scope) : keysUnder(scope, channel)))
        this.#chains.set(key, { rows: [], total: 0, lastN: 0, stale: [] })
      }
      for (const [key, commit] of batch) {
        const chain = this.#chains.get(key)
        if (chain) this.#put(commits, chain, commit, requests)
        else unknown.push([key, commit])
      }
      // Whoever did not load the channel first: what it has must be known before it can be continued and trimmed.
      for (const [key, commit] of unknown) {
        const { chain } = await read(commits, commit.scope, commit.channel ?? '')
        this.#chains.set(key, chain)
        this.#put(commits, chain, commit, requests)
      }
      transaction.commit()
      await Promise.all([...requests, transaction.done])
    } catch (error) {
      abandon(transaction, requests)
      throw error
    }
    if ([...batch.values()].some(({ content }) => content)) this.#hasCommits = true
  }

  #put(
    commits: Commits,
    chain: Chain,
    { scope, channel, content }: Commit,
    requests: Promise<unknown>[],
  ): void {
    if (!content || channel === null) return
    const { record, messages } = content
    const { rows } = chain
    const drop = (key: CommitKey): number => requests.push(commits.delete(key as Schema['commits']['key']))
    chain.stale.forEach(drop)
    chain.stale = []
    // A row that only moved the record is of no use once there is another.
    if (rows.at(-1)?.count === 0) drop((rows.pop() as Chain['rows'][number]).key)
    const previous = rows.at(-1)?.key ?? null
    chain.lastN = Math.max(chain.lastN + 1, this.#clock.now())
    const key: CommitKey = [scope, channel, chain.lastN, this.#writer]
    requests.push(commits.put({ record, messages, previous }, key as Schema['commits']['key']))
    rows.push({ key, count: messages.length })
    chain.total += messages.length
    for (let oldest = rows[0]; oldest && rows.length > 1; oldest = rows[0]) {
      if (chain.total - oldest.count < this.#maxMessages) break
      rows.shift()
      chain.total -= oldest.count
      drop(oldest.key)
    }
  }
}

function keyOf(scope: string, channel: string): string {
  // No channel's name holds a control character.
  return `${scope}\u0000${channel}`
}

function begin(db: Database) {
  return db.transaction('commits', 'readwrite', { durability: 'relaxed' })
}

interface Reader {
  getAllKeys(range: IDBKeyRange): Promise<CommitKey[]>
  getAll(range: IDBKeyRange): Promise<Schema['commits']['value'][]>
}

async function read(
  commits: Reader,
  scope: string,
  channel: string,
): Promise<{ rows: KeyedRow[]; chain: Chain }> {
  const range = keysUnder(scope, channel)
  const [keys, values] = await Promise.all([commits.getAllKeys(range), commits.getAll(range)])
  const all = values.map((row, at): KeyedRow => ({ key: keys[at] as CommitKey, row }))
  const rows = chainOf(all)
  const held = new Set(rows.map(({ key }) => key))
  const counted = rows.map(({ key, row }) => ({ key, count: row.messages.length }))
  const chain: Chain = {
    rows: counted,
    total: counted.reduce((sum, { count }) => sum + count, 0),
    lastN: keys.at(-1)?.[2] ?? 0,
    stale: keys.filter((key) => !held.has(key)),
  }
  return { rows, chain }
}
