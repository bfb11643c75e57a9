/**
 * Publishes that are not acknowledged yet: first in, first out per channel, one frame in flight a channel. A row is
 * written before its promise `queued` resolves and before a socket gets it, and leaves when it is settled.
 */
import type { Connection, Session } from '../connection/connection.ts'
import { HoldfastError } from '../errors.ts'
import type { Clock, Locks, Random } from '../ports/index.ts'
import type { PublishMessage } from '../protocol/index.ts'
import { type Readable, Writable } from '../readable.ts'
import type { OutboxRow, Store } from '../stores/store.ts'
import {
  actionOf,
  asHoldfastError,
  Attempt,
  failedPublish,
  outcomeOf,
  resultOf,
  type Submission,
} from './attempt.ts'
import { adoptRows, lockName } from './adoption.ts'
import { type Entry, insert, itemOf, type Lane, type OutboxItem } from './entry.ts'
import { messageId } from './message-id.ts'
import { limitError, prepare } from './prepare.ts'
import type { Publish, PublishFailure, PublishInput, PublishOptions } from './publish.ts'

export type { OutboxItem } from './entry.ts'

export interface OutboxSettings {
  readonly store: Store
  /** Whether rows are kept in the store, across reloads. */
  readonly persist: boolean
  readonly connection: Pick<Connection, 'request' | 'session$'>
  readonly clock: Clock
  readonly random: Random
  readonly locks: Locks
  readonly clientId: string
  /** Publishes that may wait. Default: 1,000. */
  readonly maxItems?: number
  /** How long one may wait. Default: 24 h. */
  readonly ttlMs?: number
  /** How long a publish that does not wait may go without an answer. Default: 10 s. */
  readonly ackTimeoutMs?: number
  /** Without an outbox, a publish that cannot be sent at once is rejected with `disconnected`. */
  readonly enabled: boolean
}

export interface Outbox {
  publish(channel: string, inputs: readonly PublishInput[], options: PublishOptions): Publish
  /** What waits, oldest first. */
  readonly rows$: Readable<readonly OutboxItem[]>
  /** The store is open for `scope`: what it holds is taken up, and what waits may be sent by sessions of that scope. */
  start(scope: string): Promise<void>
  /**
   * The scope ends. Rows that were written stay, for when it is opened again; their promises, and those of rows in
   * memory, reject with `cancelled`.
   */
  stop(): void
  /** As `stop`, for good. */
  close(): void
}

/** Locks of a page that was reloaded may outlive it for a moment. */
const FIRST_SCAN_MS = 1_000
const SCAN_MS = 30_000
const SHORTEST_BACKOFF_MS = 500
const LONGEST_BACKOFF_MS = 20_000

export function createOutbox(settings: OutboxSettings): Outbox {
  return new ClientOutbox(settings)
}

class ClientOutbox implements Outbox {
  readonly #settings: OutboxSettings
  readonly #items = new Writable<readonly OutboxItem[]>([])
  readonly #entries = new Map<string, Entry>()
  readonly #lanes = new Map<string, Lane>()
  readonly #watching: { unsubscribe(): void }
  #lastOrder = 0
  #scope: string | null = null
  /** Rises with each start and stop: what began before is let pass. */
  #era = 0
  /** The store's rows were read, so that older rows stand before new ones. */
  #isOpen = false
  #isScanning = false
  #endScope: () => void = () => undefined
  #isClosed = false

  constructor(settings: OutboxSettings) {
    this.#settings = settings
    this.#watching = settings.connection.session$.subscribe((session) => {
      if (!session) return
      this.#pumpAll()
      this.#scan()
    })
  }

  get rows$(): Readable<readonly OutboxItem[]> {
    return this.#items.readable
  }

  publish(channel: string, inputs: readonly PublishInput[], options: PublishOptions): Publish {
    const newId = (): string => messageId(this.#settings.clock, this.#settings.random)
    let messages: readonly PublishMessage[]
    try {
      messages = prepare(channel, inputs, newId)
      const limits = this.#session?.welcome.limits
      const tooLarge = limits && limitError(channel, messages, limits)
      if (tooLarge) throw tooLarge
    } catch (cause) {
      const retry = (): Publish => this.publish(channel, inputs, options)
      const error = asHoldfastError(cause)
      return failedPublish(inputs[0]?.id ?? newId(), {
        error,
        action: { channel, messages: inputs },
        outcome: 'rejected',
        retry,
      })
    }
    return this.#try({ channel, messages, options, firstSentAt: null, current: null })
  }

  async start(scope: string): Promise<void> {
    const era = ++this.#era
    this.#scope = scope
    const { persist, locks, clientId } = this.#settings
    if (persist) {
      const release = await locks.tryAcquire(lockName(scope, clientId))
      if (era !== this.#era) return release?.()
      this.#endScope = () => release?.()
      await this.#adopt(era)
      if (era !== this.#era) return
      this.#scanAfter(FIRST_SCAN_MS)
    }
    this.#isOpen = true
    for (const entry of [...this.#entries.values()]) {
      if (entry.state !== 'writing') continue
      entry.row = { ...entry.row, order: this.#nextOrder() }
      this.#hold(entry)
    }
    this.#pumpAll()
  }

  stop(): void {
    this.#era++
    this.#scope = null
    this.#isOpen = false
    this.#endScope()
    this.#endScope = () => undefined
    const { persist } = this.#settings
    const error = new HoldfastError('cancelled', {
      message: 'The identity or the client ended before the server answered.',
    })
    for (const entry of [...this.#entries.values()]) {
      const isSafe = persist || entry.submission.firstSentAt !== null
      this.#fail(entry, error, isSafe ? 'unknown' : 'rejected', persist)
    }
    for (const { backoff } of this.#lanes.values()) backoff?.clear()
    this.#lanes.clear()
  }

  close(): void {
    this.#isClosed = true
    this.stop()
    this.#watching.unsubscribe()
    this.#items.complete()
  }

  get #session(): Session | null {
    return this.#settings.connection.session$.value
  }

  /** Whether what waits belongs to whom the session is for. The client names its scopes so. */
  get #maySend(): boolean {
    const welcome = this.#session?.welcome
    return this.#isOpen && !!welcome && this.#scope === JSON.stringify([welcome.app, welcome.identity.id])
  }

  #try(submission: Submission): Publish {
    const { enabled } = this.#settings
    const direct = !enabled || submission.options.volatile === true
    const publish = this.#isClosed
      ? this.#refuse(submission, new HoldfastError('cancelled', { message: 'The client is closed.' }))
      : direct
        ? this.#sendNow(submission)
        : this.#enqueue(submission)
    return publish
  }

  #failure(submission: Submission, error: HoldfastError, outcome: PublishFailure['outcome']): PublishFailure {
    const { channel, messages } = submission
    const era = this.#era
    submission.current = null
    if (outcome === 'rejected') submission.firstSentAt = null
    const retry = (): Publish => {
      if (submission.current) return submission.current
      // Another identity must not send what this one wrote.
      if (era !== this.#era && this.#scope !== null) return this.#refuse(submission, error)
      return this.#try(submission)
    }
    return { error, action: actionOf(channel, messages), outcome, retry }
  }

  #refuse(submission: Submission, error: HoldfastError): Publish {
    const id = idOf(submission)
    return failedPublish(id, this.#failure(submission, error, submission.firstSentAt === null ? 'rejected' : 'unknown'))
  }

  // Without waiting.

  #sendNow(submission: Submission): Publish {
    const { connection, clock, ackTimeoutMs = 10_000 } = this.#settings
    const session = this.#session
    const error = session
      ? limitError(submission.channel, submission.messages, session.welcome.limits)
      : new HoldfastError('disconnected')
    if (error) return this.#refuse(submission, error)
    const attempt = new Attempt(idOf(submission), () => false)
    submission.current = attempt.publish
    attempt.hold()
    const fail = (reason: HoldfastError): void => {
      if (attempt.isSettled) return
      timeout.clear()
      attempt.fail(this.#failure(submission, reason, outcomeOf(reason)))
    }
    const timeout = clock.after(ackTimeoutMs, () => fail(new HoldfastError('timeout')))
    connection.request(this.#frame(submission)).then(
      (answer) => {
        if (attempt.isSettled) return
        timeout.clear()
        attempt.succeed(resultOf(attempt.publish.id, answer))
      },
      (reason) => fail(asHoldfastError(reason)),
    )
    return attempt.publish
  }

  /** The command; from here on a socket has had the messages. */
  #frame(submission: Submission): Parameters<Connection['request']>[0] {
    const { channel, messages, options, firstSentAt } = submission
    const now = this.#settings.clock.now()
    submission.firstSentAt ??= now
    return {
      type: 'publish',
      channel,
      messages,
      ...(options.ifTop === undefined ? {} : { ifTop: options.ifTop }),
      ...(firstSentAt === null ? {} : { ageMs: Math.max(0, now - firstSentAt) }),
    }
  }

  // Waiting.

  #enqueue(submission: Submission): Publish {
    const { clock, clientId, maxItems = 1_000, ttlMs = 24 * 3_600_000, persist } = this.#settings
    const { channel, messages, options } = submission
    const id = idOf(submission)
    const same = this.#entries.get(id)
    if (same) return this.#join(same, submission)
    if (this.#entries.size >= maxItems) return this.#refuse(submission, new HoldfastError('outbox_full'))
    const now = clock.now()
    const row: OutboxRow = {
      id,
      channel,
      owner: clientId,
      order: this.#nextOrder(),
      messages,
      createdAt: now,
      expiresAt: now + (options.ttlMs ?? ttlMs),
      firstAttemptAt: submission.firstSentAt,
      ...(options.ifTop === undefined ? {} : { ifTop: options.ifTop }),
    }
    const entry = this.#add(row, submission, persist ? 'writing' : 'waiting')
    const { publish } = this.#listen(entry)
    if (persist && this.#isOpen) this.#hold(entry)
    else if (!persist) {
      entry.attempt?.hold()
      this.#pump(channel)
    }
    return publish
  }

  /** The application published what waits already: under one id it is stored once. */
  #join(entry: Entry, submission: Submission): Publish {
    if (JSON.stringify([entry.row.channel, entry.row.messages]) !== JSON.stringify([submission.channel, submission.messages]))
      return this.#refuse(submission, new HoldfastError('idempotency_conflict'))
    const attempt = entry.attempt ?? this.#listen(entry)
    if (entry.state !== 'writing') attempt.hold()
    return attempt.publish
  }

  #listen(entry: Entry): Attempt {
    const attempt = new Attempt(entry.row.id, entry.item.cancel)
    entry.attempt = attempt
    entry.submission.current = attempt.publish
    return attempt
  }

  #add(row: OutboxRow, submission: Submission, state: Entry['state']): Entry {
    const cancel = (): boolean => {
      if (entry.isSettled || entry.state === 'sending' || submission.firstSentAt !== null) return false
      this.#fail(entry, new HoldfastError('cancelled'), 'rejected')
      return true
    }
    const entry: Entry = {
      row,
      submission,
      state,
      attempt: null,
      isSettled: false,
      failures: 0,
      expiry: null,
      item: itemOf({ row, state }, cancel),
    }
    const { clock } = this.#settings
    entry.expiry = clock.after(row.expiresAt - clock.now(), () => this.#expire(entry))
    this.#entries.set(row.id, entry)
    insert(this.#lane(row.channel), entry)
    this.#changed()
    return entry
  }

  #expire(entry: Entry): void {
    this.#fail(entry, new HoldfastError('expired'), entry.submission.firstSentAt === null ? 'rejected' : 'unknown')
  }

  /** Writes a new row. Where it will be sent at once, it says so already, which saves a second write. */
  #hold(entry: Entry): void {
    const isFirst = this.#lane(entry.row.channel).queue[0] === entry
    if (isFirst && this.#maySend && entry.row.firstAttemptAt === null) this.#mark(entry, this.#settings.clock.now())
    this.#settings.store.putOutbox(entry.row).then(
      () => {
        if (entry.isSettled) return
        entry.state = 'waiting'
        entry.attempt?.hold()
        this.#pump(entry.row.channel)
      },
      (cause) => this.#fail(entry, asHoldfastError(cause), 'rejected'),
    )
  }

  #mark(entry: Entry, firstAttemptAt: number | null): void {
    entry.row = { ...entry.row, firstAttemptAt }
  }

  #pumpAll(): void {
    for (const channel of [...this.#lanes.keys()]) this.#pump(channel)
  }

  /** Sends the channel's first row, if it can be sent. */
  #pump(channel: string): void {
    const lane = this.#lanes.get(channel)
    const entry = lane?.queue[0]
    if (!lane || !entry || lane.isBusy || lane.backoff || !this.#maySend) return
    if (entry.state === 'writing') return
    const limits = this.#session?.welcome.limits
    const tooLarge = limits && limitError(channel, entry.submission.messages, limits)
    if (entry.row.expiresAt <= this.#settings.clock.now()) this.#expire(entry)
    else if (tooLarge) this.#fail(entry, tooLarge, 'rejected')
    else {
      lane.isBusy = true
      this.#send(lane, entry).then(() => {
        lane.isBusy = false
        this.#pump(channel)
      })
    }
  }

  async #send(lane: Lane, entry: Entry): Promise<void> {
    const { connection, persist, store, clock } = this.#settings
    if (persist && entry.row.firstAttemptAt === null) {
      // Whoever adopts the row must know that a socket may have had it.
      this.#mark(entry, clock.now())
      await store.putOutbox(entry.row).catch(() => undefined)
      if (entry.isSettled) return
    }
    if (!this.#maySend) {
      if (persist && entry.submission.firstSentAt === null) {
        this.#mark(entry, null)
        await store.putOutbox(entry.row).catch(() => undefined)
      }
      return
    }
    const { submission } = entry
    const { firstSentAt } = submission
    this.#setState(entry, 'sending')
    try {
      const answer = await connection.request(this.#frame(submission))
      if (!entry.isSettled) this.#succeed(entry, answer)
    } catch (reason) {
      const error = asHoldfastError(reason)
      if (error.code === 'disconnected') submission.firstSentAt = firstSentAt
      if (!entry.isSettled) this.#answered(lane, entry, error)
    }
  }

  #answered(lane: Lane, entry: Entry, error: HoldfastError): void {
    const isUnanswered = error.code === 'network' || error.code === 'disconnected'
    if (error.retryWhen === 'never') return this.#fail(entry, error, outcomeOf(error))
    this.#setState(entry, 'waiting')
    if (isUnanswered && !this.#session) return
    const { clock, random } = this.#settings
    const ceilingMs = Math.min(LONGEST_BACKOFF_MS, SHORTEST_BACKOFF_MS * 2 ** Math.min(entry.failures++, 10))
    const backoffMs = error.code === 'network' ? 0 : SHORTEST_BACKOFF_MS / 2 + random.fraction() * ceilingMs
    lane.backoff = clock.after(Math.max(error.retryAfterMs ?? 0, backoffMs), () => {
      lane.backoff = null
      this.#pump(entry.row.channel)
    })
  }

  #setState(entry: Entry, state: Entry['state']): void {
    entry.state = state
    entry.item = itemOf(entry, entry.item.cancel)
    this.#changed()
  }

  #succeed(entry: Entry, answer: Parameters<typeof resultOf>[1]): void {
    this.#remove(entry, false)
    entry.attempt?.succeed(resultOf(entry.row.id, answer))
  }

  #fail(entry: Entry, error: HoldfastError, outcome: PublishFailure['outcome'], keepsRow: boolean = false): void {
    this.#remove(entry, keepsRow)
    const failure = this.#failure(entry.submission, error, outcome)
    entry.attempt?.fail(failure)
    this.#pump(entry.row.channel)
  }

  #remove(entry: Entry, keepsRow: boolean): void {
    const { id, channel } = entry.row
    entry.isSettled = true
    entry.expiry?.clear()
    this.#entries.delete(id)
    const lane = this.#lanes.get(channel)
    if (lane) {
      const place = lane.queue.indexOf(entry)
      if (place >= 0) lane.queue.splice(place, 1)
      if (lane.queue.length === 0 && !lane.isBusy && !lane.backoff) this.#lanes.delete(channel)
    }
    if (this.#settings.persist && !keepsRow) this.#settings.store.deleteOutbox(id).catch(() => undefined)
    this.#changed()
  }

  #lane(channel: string): Lane {
    const existing = this.#lanes.get(channel)
    if (existing) return existing
    const lane: Lane = { queue: [], isBusy: false, backoff: null }
    this.#lanes.set(channel, lane)
    return lane
  }

  #nextOrder(): number {
    this.#lastOrder = Math.max(this.#lastOrder + 1, this.#settings.clock.now())
    return this.#lastOrder
  }

  #changed(): void {
    const entries = [...this.#entries.values()].sort((a, b) => a.row.order - b.row.order)
    this.#items.set(entries.map(({ item }) => item))
  }

  // Rows of others.

  #scan(): void {
    const era = this.#era
    if (!this.#isOpen || !this.#settings.persist || this.#isScanning) return
    this.#isScanning = true
    this.#adopt(era).finally(() => {
      this.#isScanning = false
      if (era === this.#era) this.#pumpAll()
    })
  }

  #scanAfter(delayMs: number): void {
    const release = this.#endScope
    const timer = this.#settings.clock.after(delayMs, () => {
      this.#endScope = release
      this.#scan()
      this.#scanAfter(SCAN_MS)
    })
    this.#endScope = () => {
      timer.clear()
      release()
    }
  }

  async #adopt(era: number): Promise<void> {
    const scope = this.#scope
    if (scope === null) return
    const { store, locks, clientId } = this.#settings
    const isCurrent = (): boolean => era === this.#era
    const known = (id: string): boolean => this.#entries.has(id)
    // A store or a lock manager that fails now is asked again at the next scan.
    const rows = await adoptRows({ store, locks, scope, clientId, isCurrent }, known).catch(() => [])
    if (!isCurrent()) return
    for (const row of rows) {
      this.#lastOrder = Math.max(this.#lastOrder, row.order)
      if (!known(row.id)) this.#add(row, submissionOf(row), 'waiting')
    }
  }
}

function idOf({ messages }: Submission): string {
  return (messages[0] as PublishMessage).id
}

function submissionOf({ channel, messages, ifTop, firstAttemptAt }: OutboxRow): Submission {
  return {
    channel,
    messages: messages as readonly PublishMessage[],
    options: ifTop === undefined ? {} : { ifTop },
    firstSentAt: firstAttemptAt,
    current: null,
  }
}
