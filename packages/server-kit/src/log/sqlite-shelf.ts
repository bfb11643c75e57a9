import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite'
import type { KnownId, ProducerRecord } from './append-rule.ts'
import type { EntryKey, Shelf } from './channel-log.ts'

/** Rows that are dropped at once, so that trimming costs an append next to nothing. */
const CHUNK = 256
/** Rows asked for at once where the length of a page is bounded. */
const PAGE = 64

/** The statements that all channels of a file share. Rows come as arrays: half the cost of objects. */
export class EntryStatements {
  readonly insert: StatementSync
  readonly range: StatementSync
  readonly time: StatementSync
  readonly known: StatementSync
  readonly lowest: StatementSync
  readonly latestExpiry: StatementSync
  readonly remove: StatementSync
  readonly blank: StatementSync
  readonly producer: StatementSync
  readonly setProducer: StatementSync
  readonly removeProducers: StatementSync

  constructor(database: DatabaseSync) {
    const prepare = (sql: string): StatementSync => {
      const statement = database.prepare(sql)
      statement.setReturnArrays(true)
      return statement
    }
    this.insert = prepare('INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
    // A damaged file may hold anything: what is no JSON would break the frame, and all that stand in it.
    this.range = prepare(
      'SELECT seq, CASE WHEN json_valid(body) THEN body END FROM entry WHERE channel = ? AND seq BETWEEN ? AND ? ORDER BY seq',
    )
    this.time = prepare('SELECT time FROM entry WHERE channel = ? AND seq = ?')
    this.known = prepare(
      'SELECT seq, digest, expires_at FROM entry INDEXED BY entry_id WHERE channel = ? AND identity = ? AND id = ? ORDER BY seq DESC LIMIT 1',
    )
    this.lowest = prepare('SELECT min(seq) FROM entry WHERE channel = ?')
    this.latestExpiry = prepare('SELECT max(expires_at) FROM entry WHERE channel = ? AND seq BETWEEN ? AND ?')
    this.remove = prepare('DELETE FROM entry WHERE channel = ? AND seq BETWEEN ? AND ?')
    this.blank = prepare('UPDATE entry SET body = NULL WHERE channel = ? AND seq BETWEEN ? AND ?')
    this.producer = prepare('SELECT epoch, seq, first, last FROM producer WHERE channel = ? AND id = ?')
    this.setProducer = prepare('INSERT OR REPLACE INTO producer VALUES (?, ?, ?, ?, ?, ?)')
    this.removeProducers = prepare('DELETE FROM producer WHERE channel = ?')
  }
}

/** Entries of one channel as rows. Every write is part of the transaction of whoever calls. */
export class SqliteShelf implements Shelf {
  readonly channelId: number
  readonly #statements: EntryStatements
  /** The first row there may be; null until somebody asks. */
  #lowest: number | null = null
  /** The first row that may have a body; rows below are trimmed. */
  #bodied: number
  #trimmed: number

  constructor(channelId: number, trimmed: number, statements: EntryStatements) {
    this.channelId = channelId
    this.#statements = statements
    this.#trimmed = trimmed
    this.#bodied = trimmed + 1
  }

  put(seq: number, time: number, body: string, key: EntryKey | null): void {
    const { insert } = this.#statements
    if (key)
      insert.run(this.channelId, seq, time, body, key.identity, key.id, key.digest.value, key.expiresAt)
    else insert.run(this.channelId, seq, time, body, null, null, null, time)
  }

  bodies(from: number, to: number, maxLength: number): string[] {
    if (maxLength === Number.POSITIVE_INFINITY) return this.#range(from, to)
    const page: string[] = []
    let length = 0
    for (let first = from; first <= to; first += PAGE) {
      for (const body of this.#range(first, Math.min(to, first + PAGE - 1))) {
        length += body.length
        if (length > maxLength && page.length > 0) return page
        page.push(body)
      }
    }
    return page
  }

  lastBodies(from: number, to: number, maxLength: number): string[] {
    const page: string[] = []
    let length = 0
    for (let last = to; last >= from; last -= PAGE) {
      for (const body of this.#range(Math.max(from, last - PAGE + 1), last).reverse()) {
        length += body.length
        if (length > maxLength && page.length > 0) return page.reverse()
        page.push(body)
      }
    }
    return page.reverse()
  }

  timeOf(seq: number): number {
    const [time] = row(this.#statements.time, this.channelId, seq) ?? []
    return Number(time ?? 0)
  }

  trim(seq: number, now: number): void {
    this.#trimmed = seq
    const isDue = seq - this.#bodied >= CHUNK
    if (!isDue) return
    this.#removeExpired(now, CHUNK)
    this.#blank()
  }

  known(identity: string, id: string): KnownId | undefined {
    const found = row(this.#statements.known, this.channelId, identity, id)
    return (
      found && { seq: Number(found[0]), digest: { value: String(found[1]) }, expiresAt: Number(found[2]) }
    )
  }

  producer(id: string): ProducerRecord | undefined {
    const found = row(this.#statements.producer, this.channelId, id)
    if (!found) return undefined
    const [epoch, seq, first, last] = found.map(Number)
    return { epoch, seq, first, last } as ProducerRecord
  }

  setProducer(id: string, { epoch, seq, first, last }: ProducerRecord): void {
    this.#statements.setProducer.run(this.channelId, id, epoch, seq, first, last)
  }

  clear(seq: number): void {
    this.#trimmed = seq
    // From the very first row: one that was trimmed shortly before may still have its body.
    this.#bodied = 1
    this.#blank()
    this.#statements.removeProducers.run(this.channelId)
  }

  forget(now: number): void {
    this.#removeExpired(now, 1)
    if (this.#bodied <= this.#trimmed) this.#blank()
  }

  /** Every row of the channel. */
  removeAll(): void {
    this.#statements.remove.run(this.channelId, 0, Number.MAX_SAFE_INTEGER)
    this.#statements.removeProducers.run(this.channelId)
  }

  #range(from: number, to: number): string[] {
    const rows = this.#statements.range.all(this.channelId, from, to) as unknown as [number, unknown][]
    const bodies: string[] = []
    let next = 0
    for (let seq = from; seq <= to; seq++) {
      const isThere = rows[next]?.[0] === seq
      const body = isThere ? rows[next++]?.[1] : null
      bodies.push(isObjectText(body) ? body : JSON.stringify({ poison: String(seq) }))
    }
    return bodies
  }

  /** Removes trimmed rows whose ids have expired, in chunks of at least `least`. */
  #removeExpired(now: number, least: number): void {
    this.#lowest ??= Number(row(this.#statements.lowest, this.channelId)?.[0] ?? this.#trimmed + 1)
    while (this.#trimmed - this.#lowest + 1 >= least) {
      const last = Math.min(this.#trimmed, this.#lowest + CHUNK - 1)
      const [expiry] = row(this.#statements.latestExpiry, this.channelId, this.#lowest, last) ?? []
      if (Number(expiry ?? 0) > now) return
      this.#statements.remove.run(this.channelId, this.#lowest, last)
      this.#lowest = last + 1
    }
  }

  #blank(): void {
    this.#statements.blank.run(this.channelId, this.#bodied, this.#trimmed)
    this.#bodied = this.#trimmed + 1
  }
}

/** The first row, as the array that `setReturnArrays` makes of it. */
function row(statement: StatementSync, ...values: SQLInputValue[]): SQLOutputValue[] | undefined {
  return statement.get(...values) as unknown as SQLOutputValue[] | undefined
}

/** An item is an object. */
function isObjectText(body: unknown): body is string {
  return typeof body === 'string' && body.charCodeAt(0) === 0x7b
}
