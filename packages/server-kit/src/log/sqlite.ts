/**
 * The log in a SQLite file: what was acknowledged is on disk. Everything that one tick asks for is one transaction;
 * promises settle and doorbells ring after its commit. The file has one owner at a time.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type Clock, type Random, systemClock, systemRandom } from '@holdfast/core/ports'
import type { Position } from '@holdfast/core/protocol'
import { HubError } from '../errors.ts'
import type { ChannelLog, LogContext } from './channel-log.ts'
import { type Defer, systemDefer } from './defer.ts'
import { Doorbells } from './doorbells.ts'
import { historyPage } from './history-page.ts'
import type {
  AppendRequest,
  AppendResult,
  ChannelMeta,
  CreateRequest,
  Doorbell,
  HistoryRequest,
  HistoryResult,
  Log,
  ReadRequest,
  ReadResult,
} from './log.ts'
import { SqliteChannels } from './sqlite-channels.ts'
import { openFile, type Synchronous } from './sqlite-file.ts'

export interface SqliteLogOptions {
  /** `FULL` (default): an acknowledged entry survives a power cut. `NORMAL`: it survives the end of the process. */
  readonly synchronous?: Synchronous
  readonly clock?: Clock
  readonly random?: Random
  /** When the appends of a tick are committed; after the tick's input by default. */
  readonly defer?: Defer
}

/** Channels swept in one transaction, so that a sweep of very many does not hold up the appends between. */
const SWEEP_PAGE = 200

/** A log in the SQLite file `path`, made where there is none. `open()` takes ownership of the file. Throws `bad_config`. */
export function sqliteLog(path: string, options: SqliteLogOptions = {}): Log {
  if (typeof path !== 'string' || path === '')
    throw new HubError('bad_config', { message: 'sqliteLog() takes the path of a file.' })
  if (!['FULL', 'NORMAL'].includes(options.synchronous ?? 'FULL'))
    throw new HubError('bad_config', { message: 'synchronous must be FULL or NORMAL.' })
  return new SqliteLog(path, options)
}

/** A wish that writes: what it does within the transaction, and what its asker hears after it. */
interface Job {
  run(channels: SqliteChannels): () => void
  fail(error: HubError): void
}

interface OpenFile {
  readonly database: DatabaseSync
  readonly id: string
  readonly secret: Uint8Array
  readonly channels: SqliteChannels
  readonly begin: StatementSync
  readonly commit: StatementSync
}

class SqliteLog implements Log {
  readonly profile = 'embedded'
  readonly #path: string
  readonly #synchronous: Synchronous
  readonly #clock: Clock
  readonly #random: Random
  readonly #defer: Defer
  readonly #bells = new Doorbells()
  #file: OpenFile | null = null
  #queue: Job[] = []
  /** Bells of the transaction under way. */
  #rung: Doorbell[] = []

  constructor(path: string, options: SqliteLogOptions) {
    this.#path = path
    this.#synchronous = options.synchronous ?? 'FULL'
    this.#clock = options.clock ?? systemClock
    this.#random = options.random ?? systemRandom
    this.#defer = options.defer ?? systemDefer
  }

  get id(): string {
    return this.#opened.id
  }

  get secret(): Uint8Array {
    return this.#opened.secret
  }

  async open(): Promise<void> {
    if (this.#file) return
    const { database, id, secret } = openFile(this.#path, this.#synchronous, this.#random)
    const context: LogContext = {
      id,
      random: this.#random,
      mutants: new Set(),
      now: () => this.#clock.now(),
      ring: (bell) => this.#rung.push(bell),
    }
    this.#file = {
      database,
      id,
      secret,
      channels: new SqliteChannels(database, context),
      begin: database.prepare('BEGIN IMMEDIATE'),
      commit: database.prepare('COMMIT'),
    }
  }

  append(channel: string, request: AppendRequest): Promise<AppendResult> {
    return this.#write((channels) => channels.writer(channel).append(request))
  }

  read(channel: string, request: ReadRequest): Promise<ReadResult> {
    return this.#look((channels) => {
      const reader = channels.reader(channel)
      if (!reader.raises(request.claims)) return reader.read(request)
      return this.#write((writing) => writing.writer(channel).read(request))
    })
  }

  history(channel: string, request: HistoryRequest): Promise<HistoryResult> {
    return this.#look((channels) => historyPage(channels.reader(channel), request))
  }

  head(channel: string): Promise<Position> {
    return this.#look((channels) => channels.reader(channel).head)
  }

  create(channel: string, request: CreateRequest): Promise<'created' | 'exists' | 'channel_exists'> {
    return this.#write((channels) => channels.writer(channel).create(request))
  }

  meta(channel: string): Promise<ChannelMeta | null> {
    return this.#look((channels) => channels.get(channel)?.state.meta ?? null)
  }

  delete(channel: string): Promise<boolean> {
    return this.#write((channels) => channels.get(channel) !== null && channels.writer(channel).delete())
  }

  fork(source: string, target: string): Promise<'created' | 'channel_exists' | 'channel_not_found'> {
    return this.#write((channels) => {
      const from = channels.get(source)
      if (!from?.state.meta) return 'channel_not_found'
      if (channels.get(target)?.state.meta) return 'channel_exists'
      channels.writer(target).copyFrom(from)
      return 'created'
    })
  }

  async sweep(): Promise<number> {
    let swept = 0
    let after = 0
    for (;;) {
      const page = await this.#write((channels) => {
        const { names, lastId } = channels.namesAfter(after, SWEEP_PAGE)
        return { lastId, count: names.length, dropped: names.map((name) => sweepChannel(channels, name)) }
      })
      for (const dropped of page.dropped) swept += dropped
      if (page.count < SWEEP_PAGE) return swept
      after = page.lastId
    }
  }

  subscribe(listener: (bell: Doorbell) => void): () => void {
    return this.#bells.subscribe(listener)
  }

  async close(): Promise<void> {
    this.#flush()
    this.#bells.clear()
    this.#file?.database.close()
    this.#file = null
  }

  get #opened(): OpenFile {
    if (!this.#file) throw unavailable('The log is not open.')
    return this.#file
  }

  /** Answers from what is committed. */
  #look<T>(answer: (channels: SqliteChannels) => T | Promise<T>): Promise<T> {
    try {
      return Promise.resolve(answer(this.#opened.channels))
    } catch (error) {
      return Promise.reject(asUnavailable(error))
    }
  }

  /** Puts a wish into the transaction of this tick. */
  #write<T>(change: (channels: SqliteChannels) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!this.#file) {
        reject(unavailable('The log is not open.'))
        return
      }
      if (this.#queue.length === 0) this.#defer(() => this.#flush())
      this.#queue.push({
        run: (channels) => {
          const result = change(channels)
          return () => resolve(result)
        },
        fail: reject,
      })
    })
  }

  #flush(): void {
    const jobs = this.#queue
    if (jobs.length === 0) return
    this.#queue = []
    const { database, channels, begin, commit } = this.#opened
    const answers: (() => void)[] = []
    try {
      begin.run()
      for (const job of jobs) answers.push(job.run(channels))
      channels.save()
      commit.run()
    } catch (error) {
      this.#rung = []
      channels.rolledBack()
      if (database.isTransaction) database.exec('ROLLBACK')
      const failure = asUnavailable(error)
      for (const job of jobs) job.fail(failure)
      return
    }
    channels.committed()
    const rung = this.#rung
    this.#rung = []
    for (const answer of answers) answer()
    for (const bell of joinBells(rung)) this.#bells.ring(bell)
  }
}

function sweepChannel(channels: SqliteChannels, name: string): number {
  const channel: ChannelLog = channels.writer(name)
  const dropped = channel.sweep()
  if (channel.isForgotten) channels.forget(channel)
  return dropped
}

/** One bell for what one transaction appended to a channel in one term. */
function joinBells(bells: readonly Doorbell[]): Iterable<Doorbell> {
  if (bells.length < 2) return bells
  const joined: (Omit<Doorbell, 'bodies'> & { bodies: string[] })[] = []
  const latest = new Map<string, (typeof joined)[number]>()
  for (const bell of bells) {
    const last = latest.get(bell.channel)
    const follows =
      last && bell.bodies.length > 0 && last.bodies.length > 0 && last.first.term === bell.first.term
    if (follows) {
      for (const body of bell.bodies) last.bodies.push(body)
      continue
    }
    const next = { ...bell, bodies: [...bell.bodies] }
    joined.push(next)
    latest.set(bell.channel, next)
  }
  return joined
}

function unavailable(message: string, cause?: unknown): HubError {
  return new HubError('log_unavailable', { message, cause })
}

function asUnavailable(error: unknown): HubError {
  return error instanceof HubError ? error : unavailable('The log could not be read or written.', error)
}
