/**
 * Publishes that are not acknowledged yet: first in, first out per channel, one frame in flight a channel. Where a
 * journal keeps them, a row is written before its promise `queued` resolves and before a socket gets it.
 */

import type { Connection } from '../connection/connection.ts'
import type { Contract } from '../contract/index.ts'
import { HoldfastError } from '../errors.ts'
import type { Clock, Locks, Random, Timer } from '../ports/index.ts'
import type { PublishMessage, WelcomeFrame } from '../protocol/index.ts'
import { type Readable, Writable } from '../readable.ts'
import type { Journal, OutboxRow, Store } from '../stores/store.ts'
import { Attempt, asHoldfastError } from './attempt.ts'
import { actionOf, type Entry, itemOf, type OutboxItem } from './entry.ts'
import { messageId } from './message-id.ts'
import { limitError, prepare } from './prepare.ts'
import type { Publish, PublishFailure, PublishInput, PublishOptions } from './publish.ts'
import { createSender, failedFateOf, fateOf, type Sender } from './sender.ts'

export type { OutboxItem } from './entry.ts'

export interface OutboxSettings {
  readonly store: Store
  /** Whether rows are kept in the store, across reloads. */
  readonly persist: boolean
  readonly connection: Pick<Connection, 'request' | 'session$'>
  readonly clock: Clock
  readonly random: Random
  readonly locks: Locks | undefined
  readonly clientId: string
  /** Publishes that may wait. */
  readonly maxItems: number
  /** How long one may wait. */
  readonly ttlMs: number
  /** Without an outbox, a publish that cannot be sent at once is rejected with `disconnected`. */
  readonly enabled: boolean
  readonly contract?: Contract | undefined
}

export interface Outbox {
  publish(channel: string, inputs: readonly PublishInput[], options: PublishOptions): Publish
  /** What waits, oldest first. */
  readonly rows$: Readable<readonly OutboxItem[]>
  /** The store is open for `scope`: what it holds is taken up, and what waits may be sent by sessions of that scope. */
  start(scope: string): Promise<void>
  /** The store has lost what was in it: what waits is written anew. */
  storageLost(): void
  /**
   * The scope ends. Rows that were written stay, for when it is opened again; their promises, and those of rows in
   * memory, reject with `cancelled`.
   */
  stop(): void
  /** As `stop`, for good. */
  close(): void
}

type Outcome = PublishFailure['outcome']

const SHORTEST_BACKOFF_MS = 500
const LONGEST_BACKOFF_MS = 20_000

/** @throws HoldfastError `bad_config` where rows are to be kept by a store that cannot */
export function createOutbox(settings: OutboxSettings): Outbox {
  return new ClientOutbox(settings)
}

class ClientOutbox implements Outbox {
  declare readonly rows$: Readable<readonly OutboxItem[]>
  readonly #settings: OutboxSettings
  readonly #items = new Writable<readonly OutboxItem[]>([])
  /** In their order. */
  #entries: Entry[] = []
  /** Channels with a frame in flight, or with the timer that ends their wait between two attempts. */
  #busy = new Map<string, Timer | null>()
  readonly #journal: Journal | null
  readonly #sender: Sender
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
    this.rows$ = this.#items.readable
    this.#sender = createSender(settings.connection, settings.clock)
    const { store, persist, connection } = settings
    if (persist && !store.journal)
      throw new HoldfastError('bad_config', { message: 'outbox.persist needs a store such as indexedDb().' })
    const isKnown = (id: string): boolean => this.#find(id) !== undefined
    const adopted = (rows: readonly OutboxRow[]): void => this.#adopted(rows)
    this.#journal = (persist && store.journal?.({ ...settings, isKnown, adopted })) || null
    this.#watching = connection.session$.subscribe((session) => {
      if (!session) return
      this.#pump()
      this.#journal?.scan()
    })
  }

  publish(channel: string, inputs: readonly PublishInput[], options: PublishOptions): Publish {
    const newId = (): string => messageId(this.#settings.clock, this.#settings.random)
    let messages: readonly PublishMessage[]
    try {
      messages = prepare(channel, inputs, options, newId)
      this.#settings.contract?.checkMessages(channel, inputs)
      this.#checkLimits(channel, messages)
    } catch (cause) {
      return new Attempt(inputs[0]?.id ?? newId()).fail({
        error: asHoldfastError(cause),
        action: { channel, messages: inputs },
        outcome: 'rejected',
        retry: () => this.publish(channel, inputs, options),
      })
    }
    const { id } = messages[0] as PublishMessage
    const { ifTop, ...rest } = options
    const times = { createdAt: 0, expiresAt: 0, order: 0, firstAttemptAt: null }
    return this.#try(
      this.#entryOf({ id, channel, messages, ...times, ...(ifTop !== undefined && { ifTop }) }, rest),
    )
  }

  async start(scope: string): Promise<void> {
    const era = ++this.#era
    this.#scope = scope
    await this.#journal?.start(scope)
    if (era !== this.#era) return
    this.#isOpen = true
    for (const entry of [...this.#entries]) {
      if (entry.state !== 'writing') continue
      // What was published before the store was open stands after what was in it.
      this.#remove(entry)
      entry.order = this.#nextOrder()
      this.#insert(entry)
      this.#hold(entry)
    }
    this.#pump()
  }

  storageLost(): void {
    // What is being written for the first time is still on its way there.
    for (const entry of this.#entries) if (entry.state !== 'writing') this.#rewrite(entry)
  }

  stop(): void {
    const isKept = this.#journal !== null && this.#isOpen
    this.#era++
    this.#scope = null
    this.#isOpen = false
    this.#journal?.stop()
    for (const timer of this.#busy.values()) timer?.clear()
    this.#busy = new Map()
    this.#sender.forget()
    const error = new HoldfastError('cancelled', {
      message: 'The identity or the client ended first.',
    })
    for (const entry of [...this.#entries])
      this.#settle(entry, error, isKept ? 'unknown' : fateOf(entry), isKept)
  }

  close(): void {
    this.#isClosed = true
    this.stop()
    this.#watching.unsubscribe()
  }

  /** The session's welcome, if the session is for whom what waits belongs to. The client names its scopes so. */
  get #welcome(): WelcomeFrame | null {
    const welcome = this.#settings.connection.session$.value?.welcome
    if (!this.#isOpen || !welcome) return null
    return this.#scope === JSON.stringify([welcome.app, welcome.identity.id]) ? welcome : null
  }

  #find(id: string): Entry | undefined {
    return this.#entries.find((entry) => entry.id === id)
  }

  #checkLimits(channel: string, messages: readonly PublishMessage[]): void {
    const session = this.#settings.connection.session$.value
    const error = session && limitError(channel, messages, session.welcome.limits)
    if (error) throw error
  }

  #entryOf(row: Omit<OutboxRow, 'owner'>, options: Entry['options']): Entry {
    const entry: Entry = {
      ...row,
      messages: row.messages as readonly PublishMessage[],
      options,
      attempt: null,
      state: 'waiting',
      isMarked: row.firstAttemptAt !== null,
      failures: 0,
      expiry: null,
      cancel: () => {
        const mayCancel =
          this.#entries.includes(entry) && entry.state !== 'sending' && entry.firstAttemptAt === null
        if (mayCancel) this.#settle(entry, new HoldfastError('cancelled'), 'rejected')
        return mayCancel
      },
    }
    return entry
  }

  #try(entry: Entry): Publish {
    const { clock, connection, enabled, maxItems, ttlMs } = this.#settings
    const { id, channel, messages, options } = entry
    const attempt = new Attempt(id, entry.cancel)
    const refuse = (code: HoldfastError['code']): Publish =>
      attempt.fail(this.#failure(entry, new HoldfastError(code), fateOf(entry)))
    if (this.#isClosed) return refuse('cancelled')
    if (!enabled || options.volatile) {
      if (!connection.session$.value) return refuse('disconnected')
      entry.attempt = attempt
      attempt.hold()
      this.#sender.send(entry).then(
        (answer) => attempt.succeed(answer),
        (error) => {
          attempt.fail(this.#failure(entry, error, failedFateOf(entry, error)))
        },
      )
      return attempt.publish
    }
    const same = this.#find(id)
    if (same?.attempt) {
      // The application published what waits already: under one id it is stored once.
      const isSame = JSON.stringify([same.channel, same.messages]) === JSON.stringify([channel, messages])
      return isSame ? same.attempt.publish : refuse('idempotency_conflict')
    }
    if (this.#entries.length >= maxItems) return refuse('outbox_full')
    entry.createdAt = clock.now()
    entry.expiresAt = entry.createdAt + (options.ttlMs ?? ttlMs)
    entry.order = this.#nextOrder()
    entry.state = this.#journal ? 'writing' : 'waiting'
    entry.isMarked = entry.firstAttemptAt !== null
    this.#add(entry, attempt)
    if (!this.#journal) attempt.hold()
    else if (this.#isOpen) this.#hold(entry)
    this.#pump()
    return attempt.publish
  }

  #failure(entry: Entry, error: HoldfastError, outcome: Outcome): PublishFailure {
    const scope = this.#scope
    entry.attempt = null
    if (outcome === 'rejected') entry.firstAttemptAt = null
    const retry = (): Publish => {
      if (entry.attempt) return entry.attempt.publish
      // Another identity must not send what this one wrote. What was written before any is whoever's comes first.
      const isForeign = scope !== null && this.#scope !== null && scope !== this.#scope
      if (isForeign) return new Attempt(entry.id).fail(this.#failure(entry, error, fateOf(entry)))
      return this.#try(entry)
    }
    return { error, action: actionOf(entry), outcome, retry }
  }

  // What waits.

  #add(entry: Entry, attempt: Attempt): void {
    const { clock } = this.#settings
    entry.attempt = attempt
    entry.expiry = clock.after(entry.expiresAt - clock.now(), () => this.#expire(entry))
    this.#insert(entry)
  }

  #insert(entry: Entry): void {
    const place = this.#entries.findLastIndex(({ order }) => order <= entry.order)
    this.#entries.splice(place + 1, 0, entry)
    this.#changed()
  }

  #remove(entry: Entry): void {
    this.#entries = this.#entries.filter((other) => other !== entry)
    this.#changed()
  }

  #changed(): void {
    this.#items.set(this.#entries.map(itemOf))
  }

  #nextOrder(): number {
    this.#lastOrder = Math.max(this.#lastOrder + 1, this.#settings.clock.now())
    return this.#lastOrder
  }

  #expire(entry: Entry): void {
    this.#settle(entry, new HoldfastError('expired'), fateOf(entry))
  }

  #settle(entry: Entry, error: HoldfastError, outcome: Outcome, keepsRow: boolean = false): void {
    const { attempt } = entry
    this.#drop(entry, keepsRow)
    attempt?.fail(this.#failure(entry, error, outcome))
    this.#pump()
  }

  #drop(entry: Entry, keepsRow: boolean = false): void {
    entry.expiry?.clear()
    if (!keepsRow) this.#journal?.delete(entry.id)
    this.#remove(entry)
  }

  // Rows that a journal keeps.

  /** Writes a new row. Where it will be sent at once, it says so already, which saves a second write. */
  #hold(entry: Entry): void {
    const { attempt } = entry
    entry.isMarked ||= this.#welcome !== null && this.#isNext(entry)
    this.#write(entry).then(
      () => {
        if (attempt?.isSettled) return
        entry.state = 'waiting'
        attempt?.hold()
        this.#pump()
      },
      (cause) => {
        if (!attempt?.isSettled) this.#settle(entry, asHoldfastError(cause), 'rejected')
      },
    )
  }

  async #write(entry: Entry): Promise<void> {
    const { firstAttemptAt, isMarked } = entry
    await this.#journal?.put(entry, isMarked ? (firstAttemptAt ?? this.#settings.clock.now()) : null)
  }

  /** Writes the row of what waits anew. Where that fails, it is sent all the same while this client lives. */
  #rewrite(entry: Entry): Promise<void> {
    return this.#write(entry).catch(() => undefined)
  }

  #adopted(rows: readonly OutboxRow[]): void {
    for (const row of rows) {
      this.#lastOrder = Math.max(this.#lastOrder, row.order)
      if (this.#find(row.id)) continue
      const entry = this.#entryOf(row, {})
      const attempt = new Attempt(row.id, entry.cancel)
      attempt.publish.catch(() => undefined)
      this.#add(entry, attempt)
    }
    this.#pump()
  }

  // Sending.

  #isNext(entry: Entry): boolean {
    const { channel } = entry
    return !this.#busy.has(channel) && this.#entries.find((other) => other.channel === channel) === entry
  }

  /** Sends the first row of every channel that can be sent. */
  #pump(): void {
    const limits = this.#welcome?.limits
    if (!limits) return
    for (const entry of this.#entries) {
      if (entry.state === 'writing' || !this.#isNext(entry)) continue
      const { channel, messages, expiresAt } = entry
      const isOver = expiresAt <= this.#settings.clock.now()
      const tooLarge = limitError(channel, messages, limits)
      if (isOver) this.#expire(entry)
      else if (tooLarge) this.#settle(entry, tooLarge, 'rejected')
      else this.#send(entry)
    }
  }

  async #send(entry: Entry): Promise<void> {
    const { attempt, channel } = entry
    const busy = this.#busy
    let waitMs = 0
    busy.set(channel, null)
    if (this.#journal && !entry.isMarked) {
      // Whoever adopts the row must know that a socket may have had it.
      entry.isMarked = true
      await this.#rewrite(entry)
    }
    if (attempt?.isSettled) {
      // Cancelled or expired meanwhile.
    } else if (!this.#welcome) {
      await this.#unmark(entry)
    } else {
      entry.state = 'sending'
      this.#changed()
      try {
        const answer = await this.#sender.send(entry)
        if (!attempt?.isSettled) this.#drop(entry)
        attempt?.succeed(answer)
      } catch (error) {
        if (!attempt?.isSettled) waitMs = this.#answered(entry, asHoldfastError(error))
      }
    }
    if (busy !== this.#busy) return
    const next = (): void => {
      busy.delete(channel)
      this.#pump()
    }
    if (waitMs > 0) busy.set(channel, this.#settings.clock.after(waitMs, next))
    else next()
  }

  /** No socket has it: whoever adopts the row is to know whether any may have had it before. */
  #unmark(entry: Entry): Promise<void> {
    entry.isMarked = entry.firstAttemptAt !== null
    return this.#rewrite(entry)
  }

  /** How long the channel is to wait after an error. */
  #answered(entry: Entry, error: HoldfastError): number {
    const { code, retryWhen, retryAfterMs = 0 } = error
    if (retryWhen === 'never') {
      this.#settle(entry, error, failedFateOf(entry, error))
      return 0
    }
    entry.state = 'waiting'
    this.#changed()
    if (entry.firstAttemptAt === null) this.#unmark(entry)
    // The next session sends it, and may be there already.
    if (code === 'network' || (code === 'disconnected' && !this.#welcome)) return retryAfterMs
    const ceilingMs = Math.min(LONGEST_BACKOFF_MS, SHORTEST_BACKOFF_MS * 2 ** entry.failures++)
    return Math.max(retryAfterMs, SHORTEST_BACKOFF_MS / 2 + this.#settings.random.fraction() * ceilingMs)
  }
}
