/** The client: composes the connection, the channels, the store and the outbox, and decides nothing itself. */
import type { Observable, Subscription } from 'rxjs'
import type { Channel } from './channel/channel.ts'
import { fetchHistory } from './channel/history.ts'
import { ChannelRegistry, type RegistryContext } from './channel/registry.ts'
import { createConnection } from './connection/actor.ts'
import type { Connection, Replacement, Session } from './connection/connection.ts'
import { type ConnectionState, isConnectedStatus, type Status } from './connection/status.ts'
import type { AnyContract, ChannelArgument, Contract, EventsOf } from './contract/index.ts'
import { HoldfastError } from './errors.ts'
import { type ClientOptions, readOptions, type Settings } from './options.ts'
import { createOutbox, type Outbox, type OutboxItem } from './outbox/outbox.ts'
import { type Random, randomText } from './ports/index.ts'
import { Emitter, type Readable, Writable } from './readable.ts'
import { Scope } from './scope.ts'
import { memoryStore } from './stores/memory.ts'
import type { Store, StoreEvent } from './stores/store.ts'

/** Who the server says this client is. */
export interface Identity {
  readonly id: string
  readonly isAnonymous: boolean
}

/** @typeParam C - the contract of its channels, if it has one. */
export interface Client<C extends AnyContract = AnyContract> {
  /** The connection's state; its `status` is what people are shown. */
  readonly status$: Readable<ConnectionState>
  readonly status: Status
  /** Whether the status is ONLINE or AWAY. */
  readonly isConnected: boolean
  /** Null before the first welcome. */
  readonly identity$: Readable<Identity | null>
  /** Publishes that are not settled. */
  readonly outbox$: Readable<readonly OutboxItem[]>
  /** Errors that belong to no call: a store that degraded, an entry that cannot be read. */
  readonly errors$: Observable<HoldfastError>
  /**
   * Connects and stays connected until `disconnect()`. A second call does nothing, unless it brings other transports or
   * another `auth`, which then replace those there were.
   */
  connect(replacement?: Replacement): void
  /** Ends the connection; only `connect()` brings it back. */
  disconnect(): void
  /**
   * The channel of a name: always the same object. Opens nothing by itself.
   * @throws HoldfastError `unknown_channel`, in development, where the contract has none of that name
   */
  channel<const N extends string>(name: ChannelArgument<C, N>): Channel<EventsOf<C, N>>
  /** Disconnects and deletes what the store holds for this identity. */
  logout(): Promise<void>
  /** Disconnects and lets go of everything; the client cannot be used again. */
  close(): Promise<void>
}

const ANONYMOUS_KEY = 'anonymous-key'
/** How long `load()` waits to learn whose data to show, in milliseconds. */
const LOAD_WAIT_MS = 10_000

/**
 * Makes a client. Opens no socket, timer or database until `connect()` or the first channel in use, so it may be
 * called at module scope, on a server and in StrictMode.
 * @throws HoldfastError `bad_config`
 */
export function createClient<C extends Contract>(options: ClientOptions & { readonly contract: C }): Client<C>
export function createClient(options: ClientOptions): Client
export function createClient(options: ClientOptions): Client {
  return new HoldfastClient(options)
}

class HoldfastClient implements Client {
  declare readonly status$: Readable<ConnectionState>
  declare readonly outbox$: Readable<readonly OutboxItem[]>
  declare readonly identity$: Readable<Identity | null>
  declare readonly errors$: Observable<HoldfastError>

  readonly #identity = new Writable<Identity | null>(null)
  readonly #errors = new Emitter<HoldfastError>()
  readonly #contract: Contract | undefined
  readonly #random: Random
  readonly #store: Store
  readonly #scope: Scope
  readonly #connection: Connection
  readonly #registry: ChannelRegistry
  readonly #outbox: Outbox
  #key: Promise<string> | null = null
  /** What the client listens to while it is in use. */
  #watching: Subscription | null = null
  #isDisconnected = false
  /** There is a session, and its identity's data is open. */
  #isUp = false

  constructor(options: ClientOptions) {
    const settings = readOptions(options)
    this.#random = settings.random
    this.#contract = options.contract
    this.#store = options.store ?? memoryStore()
    const ports = { clock: settings.clock, random: settings.random }
    const clientId = randomText(settings.random, 20)
    this.#scope = new Scope({
      store: this.#store,
      expected: options.identity ?? null,
      isAnonymous: options.auth === undefined,
      leaving: () => this.#leaveScope(),
      opened: (scope) => this.#outbox.start(scope),
    })
    this.#connection = createConnection({
      ...ports,
      ...(options.auth ? { auth: options.auth } : {}),
      anonymousKey: () => this.#anonymousKey(),
      transports: options.transports,
      activity: settings.activity,
      away: settings.away,
      clientId,
      ackTimeoutMs: settings.ackTimeoutMs,
    })
    this.#outbox = createOutbox({
      ...ports,
      ...settings.outbox,
      contract: options.contract,
      store: this.#store,
      connection: this.#connection,
      locks: settings.locks,
      clientId,
    })
    this.#registry = new ChannelRegistry(this.#connection, this.#channelContext(settings))
    this.status$ = this.#connection.state$
    this.outbox$ = this.#outbox.rows$
    this.identity$ = this.#identity.readable
    this.errors$ = this.#errors
  }

  get status(): Status {
    return this.status$.value.status
  }

  get isConnected(): boolean {
    return isConnectedStatus(this.status)
  }

  connect(replacement?: Replacement): void {
    this.#isDisconnected = false
    this.#connectUnlessDisconnected(replacement)
  }

  disconnect(): void {
    this.#isDisconnected = true
    this.#connection.disconnect()
  }

  channel(name: string): Channel {
    this.#contract?.checkChannel(name)
    return this.#registry.channel(name)
  }

  async logout(): Promise<void> {
    this.disconnect()
    this.#leaveScope()
    this.#scope.leave()
    await this.#store.wipe()
    this.#identity.set(null)
  }

  async close(): Promise<void> {
    this.disconnect()
    for (const channel of this.#registry.channels) channel.close()
    this.#outbox.close()
    this.#watching?.unsubscribe()
    await this.#store.close()
  }

  #connectUnlessDisconnected(replacement?: Replacement): void {
    if (this.#isDisconnected) return
    this.#watch()
    this.#scope.openEarly()
    this.#connection.connect(replacement)
  }

  #watch(): void {
    if (this.#watching) return
    this.#watching = this.#connection.frames$.subscribe((frame) => this.#registry.frame(frame))
    this.#watching.add(this.#connection.session$.subscribe((session) => this.#sessionChanged(session)))
    this.#watching.add(this.#store.subscribe((event) => this.#storeChanged(event)))
  }

  #sessionChanged(session: Session | null): void {
    this.#isUp = false
    if (!session) {
      this.#registry.sessionChanged(false)
      return
    }
    const { id, isAnonymous } = session.welcome.identity
    this.#scope.openFor(session.welcome).then(() => {
      if (this.#connection.session$.value !== session) return
      this.#identity.set({ id, isAnonymous })
      this.#isUp = true
      this.#registry.sessionChanged(true)
    }, this.#report)
  }

  /** What one identity held must not reach another. */
  #leaveScope(): void {
    this.#outbox.stop()
    for (const channel of this.#registry.channels) channel.leave()
  }

  #storeChanged(event: StoreEvent): void {
    if (event.type === 'lost') {
      // Else the next page would be somebody else, whose outbox is empty.
      this.#key?.then((key) => this.#store.addValue(ANONYMOUS_KEY, key)).catch(this.#report)
      this.#outbox.storageLost()
      for (const channel of this.#registry.channels) channel.storageLost()
    }
    if (event.type === 'degraded')
      this.#errors.next(new HoldfastError('storage_failed', { cause: event.cause }))
  }

  /** Asked for once: a store that fails and comes back must not make somebody else of the client. */
  #anonymousKey(): Promise<string> {
    this.#key ??= this.#store.addValue(ANONYMOUS_KEY, randomText(this.#random, 32))
    return this.#key
  }

  readonly #report = (error: unknown): void => {
    this.#errors.next(
      error instanceof HoldfastError ? error : new HoldfastError('internal', { cause: error }),
    )
  }

  #channelContext({ clock, lingerMs, mutants }: Settings): RegistryContext {
    const isUp = (): boolean => this.#isUp
    const store = this.#store
    const whenOpen = (): Promise<void> => this.#scope.whenOpen()
    return {
      clock,
      lingerMs,
      mutants,
      get isUp() {
        return isUp()
      },
      connect: () => this.#connectUnlessDisconnected(),
      publish: (channel, messages, options) => {
        this.#connectUnlessDisconnected()
        return this.#outbox.publish(channel, messages, options)
      },
      history: (channel, options) => fetchHistory(this.#connection, channel, options),
      restore: async (channel) => {
        await whenOpen()
        return store.load(channel)
      },
      peek: async (channel) => {
        this.#connectUnlessDisconnected()
        await Promise.race([whenOpen(), new Promise<void>((resolve) => clock.after(LOAD_WAIT_MS, resolve))])
        return store.load(channel)
      },
      commit: (channel, record, messages) => {
        store.commit(channel, record, messages).catch(this.#report)
      },
      report: this.#report,
    }
  }
}
