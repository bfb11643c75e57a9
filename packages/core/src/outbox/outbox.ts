/**
 * Publishes that are not acknowledged yet: first in, first out per channel, one frame in flight a channel. A row is
 * written before its promise `queued` resolves and before a socket gets it, and leaves when it is settled.
 */
import type { Connection, Session } from '../connection/connection.ts'
import { HoldfastError } from '../errors.ts'
import type { Clock, Locks, Random } from '../ports/index.ts'
import type { PublishMessage, WelcomeFrame } from '../protocol/index.ts'
import { type Readable, Writable } from '../readable.ts'
import type { OutboxRow, Store } from '../stores/store.ts'
import { Adopter } from './adoption.ts'
import {
  Attempt,
  actionOf,
  asHoldfastError,
  commandOf,
  failedPublish,
  idOf,
  outcomeOf,
  resultOf,
  type Submission,
} from './attempt.ts'
import { type Entry, itemOf, type OutboxItem, submissionOf } from './entry.ts'
import { Lanes } from './lanes.ts'
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

export function createOutbox(settings: OutboxSettings): Outbox {
  return new ClientOutbox(settings)
}

class ClientOutbox implements Outbox {
  readonly #settings: OutboxSettings
  readonly #items = new Writable<readonly OutboxItem[]>([])
  readonly #entries = new Map<string, Entry>()
  readonly #lanes: Lanes
  readonly #adopter: Adopter
  readonly #watching: { unsubscribe(): void }
  #lastOrder = 0
  #scope: string | null = null
  /** Rises with each start and stop: what began before is let pass. */
  #era = 0
  /** The store's rows were read, so that older rows stand before new ones. */
  #isOpen = false
  #isClosed = false

  constructor(settings: OutboxSettings) {
    this.#settings = settings
    const { connection, persist, store } = settings
    this.#lanes = new Lanes({
      ...settings,
      welcome: () => this.#welcome,
      rewrite: persist ? ({ row }) => store.putOutbox(row).catch(() => undefined) : null,
      changed: (entry) => {
        entry.item = itemOf(entry, entry.item.cancel)
        this.#changed()
      },
      acknowledged: (entry, answer) => {
        this.#remove(entry)
        entry.attempt?.succeed(resultOf(entry.row.id, answer))
      },
      failed: (entry, error) => this.#fail(entry, error, outcomeOf(error)),
      expired: (entry) => this.#expire(entry),
    })
    this.#adopter = new Adopter({
      ...settings,
      isKnown: (id) => this.#entries.has(id),
      adopted: (rows) => this.#adopted(rows),
    })
    this.#watching = connection.session$.subscribe((session) => {
      if (!session) return
      this.#lanes.pumpAll()
      this.#adopter.scan()
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
    if (this.#settings.persist) await this.#adopter.start(scope)
    if (era !== this.#era) return
    this.#isOpen = true
    for (const entry of [...this.#entries.values()]) {
      if (entry.state !== 'writing') continue
      // What was published before the store was open stands after what was in it.
      this.#lanes.remove(entry)
      entry.row = { ...entry.row, order: this.#nextOrder() }
      this.#lanes.add(entry)
      this.#hold(entry)
    }
    this.#changed()
    this.#lanes.pumpAll()
  }

  stop(): void {
    const isKept = this.#settings.persist && this.#isOpen
    this.#era++
    this.#scope = null
    this.#isOpen = false
    this.#adopter.stop()
    const message = 'The identity or the client ended before the server answered.'
    const error = new HoldfastError('cancelled', { message })
    for (const entry of [...this.#entries.values()]) {
      const isRejected = !isKept && entry.submission.firstSentAt === null
      this.#fail(entry, error, isRejected ? 'rejected' : 'unknown', isKept)
    }
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

  /** The session's welcome, if the session is for whom what waits belongs to. The client names its scopes so. */
  get #welcome(): WelcomeFrame | null {
    const welcome = this.#session?.welcome
    if (!this.#isOpen || !welcome) return null
    return this.#scope === JSON.stringify([welcome.app, welcome.identity.id]) ? welcome : null
  }

  #try(submission: Submission): Publish {
    if (this.#isClosed)
      return this.#refuse(submission, new HoldfastError('cancelled', { message: 'The client is closed.' }))
    const mayWait = this.#settings.enabled && !submission.options.volatile
    return mayWait ? this.#enqueue(submission) : this.#sendNow(submission)
  }

  #failure(submission: Submission, error: HoldfastError, outcome: PublishFailure['outcome']): PublishFailure {
    const { channel, messages } = submission
    const scope = this.#scope
    submission.current = null
    if (outcome === 'rejected') submission.firstSentAt = null
    const retry = (): Publish => {
      if (submission.current) return submission.current
      // Another identity must not send what this one wrote. What was written before any is whoever's comes first.
      const isForeign = scope !== null && this.#scope !== null && scope !== this.#scope
      if (isForeign) return this.#refuse(submission, error)
      return this.#try(submission)
    }
    return { error, action: actionOf(channel, messages), outcome, retry }
  }

  #refuse(submission: Submission, error: HoldfastError): Publish {
    const id = idOf(submission)
    return failedPublish(
      id,
      this.#failure(submission, error, submission.firstSentAt === null ? 'rejected' : 'unknown'),
    )
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
    connection.request(commandOf(submission, clock.now())).then(
      (answer) => {
        if (attempt.isSettled) return
        timeout.clear()
        attempt.succeed(resultOf(attempt.publish.id, answer))
      },
      (reason) => fail(asHoldfastError(reason)),
    )
    return attempt.publish
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
      this.#lanes.pump(channel)
    }
    return publish
  }

  /** The application published what waits already: under one id it is stored once. */
  #join(entry: Entry, submission: Submission): Publish {
    if (
      JSON.stringify([entry.row.channel, entry.row.messages]) !==
      JSON.stringify([submission.channel, submission.messages])
    )
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
    this.#lanes.add(entry)
    this.#changed()
    return entry
  }

  /** Writes a new row. Where it will be sent at once, it says so already, which saves a second write. */
  #hold(entry: Entry): void {
    const { store, clock } = this.#settings
    if (this.#welcome && this.#lanes.isNext(entry) && entry.row.firstAttemptAt === null)
      entry.row = { ...entry.row, firstAttemptAt: clock.now() }
    store.putOutbox(entry.row).then(
      () => {
        if (entry.isSettled) return
        entry.state = 'waiting'
        entry.attempt?.hold()
        this.#lanes.pump(entry.row.channel)
      },
      (cause) => this.#fail(entry, asHoldfastError(cause), 'rejected'),
    )
  }

  #adopted(rows: readonly OutboxRow[]): void {
    for (const row of rows) {
      this.#lastOrder = Math.max(this.#lastOrder, row.order)
      if (!this.#entries.has(row.id)) this.#add(row, submissionOf(row), 'waiting')
    }
    this.#lanes.pumpAll()
  }

  #expire(entry: Entry): void {
    this.#fail(
      entry,
      new HoldfastError('expired'),
      entry.submission.firstSentAt === null ? 'rejected' : 'unknown',
    )
  }

  #fail(
    entry: Entry,
    error: HoldfastError,
    outcome: PublishFailure['outcome'],
    keepsRow: boolean = false,
  ): void {
    if (entry.isSettled) return
    this.#remove(entry, keepsRow)
    const failure = this.#failure(entry.submission, error, outcome)
    entry.attempt?.fail(failure)
    this.#lanes.pump(entry.row.channel)
  }

  #remove(entry: Entry, keepsRow: boolean = false): void {
    const { id } = entry.row
    const { persist, store } = this.#settings
    entry.isSettled = true
    entry.expiry?.clear()
    this.#entries.delete(id)
    this.#lanes.remove(entry)
    // A row that could not be deleted is sent once more, and the server knows its ids.
    if (persist && !keepsRow) store.deleteOutbox(id).catch(() => undefined)
    this.#changed()
  }

  #nextOrder(): number {
    this.#lastOrder = Math.max(this.#lastOrder + 1, this.#settings.clock.now())
    return this.#lastOrder
  }

  #changed(): void {
    const entries = [...this.#entries.values()].sort((a, b) => a.row.order - b.row.order)
    this.#items.set(entries.map(({ item }) => item))
  }
}
