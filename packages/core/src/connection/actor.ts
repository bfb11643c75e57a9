/** The connection at work: the machine with its sockets, clocks, tokens and commands. */
import { createActor } from 'xstate'
import { HoldfastError } from '../errors.ts'
import type { Activity, ActivitySignal, Clock, Random } from '../ports/index.ts'
import type { ErrorFrame, OkFrame, ServerFrame, WelcomeFrame } from '../protocol/index.ts'
import { Emitter, Writable } from '../readable.ts'
import type { Socket, Transport } from '../transports/transport.ts'
import { type Awayness, createAwayness } from './awayness.ts'
import { inFlightError, lossBy, lossOf } from './closure.ts'
import type { Command, Connection, Replacement, Session } from './connection.ts'
import { createDeadlines, type Deadlines } from './deadlines.ts'
import { createLiveness, type Liveness } from './liveness.ts'
import {
  type ConnectionEffects,
  type ConnectionEvent,
  connectionMachine,
  connectionStateOf,
} from './machine.ts'
import { createPending, type Pending } from './pending.ts'
import type { ConnectionState } from './status.ts'
import { type Auth, type AuthReason, type Credentials, createTokens, type Tokens } from './tokens.ts'

export type { Auth } from './tokens.ts'

export interface ConnectionOptions {
  /** Tried in order, each with all of its peers; what works is kept. */
  readonly transports: readonly Transport[]
  readonly auth?: Auth
  /** The secret that names an installation without an identity; asked for where there is no token. */
  readonly anonymousKey?: () => Promise<string>
  readonly clientId: string
  readonly clock: Clock
  readonly random: Random
  readonly activity: Activity
  readonly away: { readonly afterMs: number } | false
  /** From opening a socket to its welcome, less the wait for the application's token. Default: 10 s. */
  readonly connectTimeoutMs?: number
  /** How long `auth` may take. Default: 8 s, since the server waits 10 s for the first frame. */
  readonly tokenTimeoutMs?: number
  /** How long a command's answer may take. Default: 10 s. */
  readonly ackTimeoutMs?: number
}

/** Opens nothing and sets no timer until `connect()`. */
export function createConnection(options: ConnectionOptions): Connection {
  return new LiveConnection(options)
}

const INITIAL: ConnectionState = {
  status: 'OFFLINE',
  previous: 'OFFLINE',
  reason: 'initial',
  retryAt: null,
  error: null,
}

/** After these signals whatever was believed of the network may be wrong. */
const WAKE_SIGNALS: ReadonlySet<ActivitySignal> = new Set(['visible', 'resumed', 'focused', 'online'])

class LiveConnection implements Connection, ConnectionEffects {
  readonly #state = new Writable(INITIAL)
  readonly #session = new Writable<Session | null>(null)
  readonly #frames = new Emitter<ServerFrame>()
  readonly state$: Connection['state$'] = this.#state.readable
  readonly session$: Connection['session$'] = this.#session.readable
  readonly frames$: Connection['frames$'] = this.#frames

  readonly #options: ConnectionOptions
  #transports: readonly Transport[]
  #auth: Auth | undefined
  readonly #deadlines: Deadlines
  readonly #liveness: Liveness
  readonly #awayness: Awayness | null
  readonly #tokens: Tokens
  readonly #pending: Pending
  readonly #send: (event: ConnectionEvent) => void
  #unsubscribe: (() => void) | null = null

  #socket: Socket | null = null
  /** Rises with every socket: what an older one still has to say is not listened to. */
  #generation = 0
  #sessions = 0
  #lastId = 0
  /** The `auth` command that has no answer yet, and what it is to prove itself with. */
  #authId: number | null = null
  #credentials: Credentials = {}
  /** What the server said of the whole session; a close follows. */
  #sessionError: HoldfastError | null = null
  #isProbing = false

  constructor(options: ConnectionOptions) {
    const { clock, random, activity, away, anonymousKey } = options
    this.#options = options
    this.#transports = options.transports
    this.#auth = options.auth
    this.#deadlines = createDeadlines(clock, () => this.#send({ type: 'SLEPT' }))
    const deadlines = this.#deadlines
    this.#liveness = createLiveness(clock, deadlines, () => this.#send({ type: 'FELL_SILENT' }))
    this.#awayness =
      away && activity.hasUser
        ? createAwayness(away, activity, clock, deadlines, (isAway) =>
            this.#send({ type: isAway ? 'USER_LEFT' : 'USER_RETURNED' }),
          )
        : null
    this.#tokens = createTokens({
      auth: (request) => this.#auth?.(request) ?? null,
      anonymousKey,
      timeoutMs: options.tokenTimeoutMs ?? 8_000,
      clock,
      deadlines,
    })
    this.#pending = createPending(deadlines, () => clock.now(), options.ackTimeoutMs ?? 10_000)
    const actor = createActor(connectionMachine, {
      clock: {
        setTimeout: (callback, ms) => deadlines.after(ms, callback),
        clearTimeout: (timer?: ReturnType<Deadlines['after']>) => timer?.clear(),
      },
      input: {
        connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
        now: () => clock.now(),
        fraction: () => random.fraction(),
        isOnline: () => activity.isOnline,
        probeMs: () => this.#liveness.probeMs(),
        effects: this,
      },
    })
    actor.subscribe((snapshot) => {
      const state = connectionStateOf(snapshot, this.#state.value)
      this.#isProbing = state.reason === 'probing'
      this.#state.set(state)
    })
    this.#send = (event) => actor.send(event)
    actor.start()
  }

  connect({ transports = this.#transports, auth = this.#auth }: Replacement = {}): void {
    const isSame =
      transports.length === this.#transports.length &&
      transports.every((one, at) => one === this.#transports[at])
    const lastAuth = this.#auth
    this.#transports = transports
    this.#auth = auth
    if (!isSame || auth !== lastAuth) this.#send({ type: 'DISCONNECT' })
    this.#send({ type: 'CONNECT' })
  }

  disconnect(): void {
    this.#send({ type: 'DISCONNECT' })
  }

  request(command: Command, handle?: (answer: OkFrame) => void): Promise<OkFrame> {
    if (!this.#session.value || !this.#socket) return Promise.reject(new HoldfastError('disconnected'))
    const id = ++this.#lastId
    const answer = this.#pending.await(id, handle)
    this.#socket.send({ ...command, id })
    return answer
  }

  // What the machine makes happen.

  watch(): void {
    this.#unsubscribe = this.#options.activity.subscribe((signal) => this.#noteActivity(signal))
    this.#liveness.start()
    this.#awayness?.start()
  }

  unwatch(): void {
    this.#unsubscribe?.()
    this.#unsubscribe = null
    this.#liveness.stop()
    this.#awayness?.stop()
  }

  openSocket(attempt: number): void {
    const generation = ++this.#generation
    const isCurrent = (): boolean => generation === this.#generation
    const { clock } = this.#options
    const openedAt = clock.now()
    const { transport, peer } = peerOf(this.#transports, attempt)
    this.#socket = transport.open(peer, {
      opened: () => {
        if (isCurrent()) this.#send({ type: 'SOCKET_OPENED', tookMs: Math.max(0, clock.now() - openedAt) })
      },
      frame: (frame) => {
        if (isCurrent()) this.#frameArrived(frame)
      },
      malformed: (fault) => {
        if (isCurrent())
          this.#fail(new HoldfastError('bad_frame', { message: `The server sent ${fault}.` }), 4400)
      },
      closed: (closure) => {
        if (!isCurrent()) return
        const loss = lossOf(closure, this.#sessionError)
        this.#endSocket(inFlightError(closure.code))
        this.#send({ type: 'SOCKET_CLOSED', loss })
      },
    })
  }

  dropSocket(): void {
    const socket = this.#socket
    this.#endSocket(new HoldfastError('network'))
    socket?.close(1000)
  }

  fetchToken(reason: AuthReason): void {
    this.#fetchToken(
      reason,
      (credentials) => {
        this.#credentials = credentials
        this.#send({ type: 'TOKEN_FETCHED' })
      },
      (error) => this.#send({ type: 'TOKEN_FAILED', loss: lossBy(error, 'reconnect') }),
    )
  }

  authenticate(): void {
    this.#authId = ++this.#lastId
    const { clientId } = this.#options
    this.#socket?.send({ type: 'auth', id: this.#authId, clientId, ...this.#credentials })
  }

  probe(): void {
    const id = ++this.#lastId
    this.#liveness.noteProbe(id)
    this.#socket?.send({ type: 'ping', id })
  }

  // What the socket brings.

  #frameArrived(frame: ServerFrame): void {
    this.#liveness.noteFrame()
    switch (frame.type) {
      case 'messages':
      case 'gap':
      case 'unsubscribed':
        if (this.#session.value) this.#frames.next(frame)
        break
      case 'ok':
      case 'error':
        this.#answered(frame)
        break
      case 'welcome':
        if (frame.id === this.#authId) this.#welcomed(frame)
        break
    }
    if (this.#isProbing) this.#send({ type: 'FRAME_ARRIVED' })
  }

  #answered(frame: OkFrame | ErrorFrame): void {
    if (frame.id === undefined) {
      if (frame.type === 'error') this.#sessionError = HoldfastError.fromWire(frame.error)
    } else if (this.#liveness.noteAnswer(frame.id)) this.#send({ type: 'PROBE_ANSWERED' })
    else if (frame.id !== this.#authId) this.#pending.answer(frame)
    else if (frame.type === 'error') this.#refused(HoldfastError.fromWire(frame.error))
  }

  /** The server's no to `auth`. The token before a renewal still serves where the no was about something else. */
  #refused(error: HoldfastError): void {
    const isPassing = lossBy(error).action === 'reconnect'
    if (this.#session.value && isPassing) this.#tokens.retry(this.#renew)
    else this.#fail(error, 1000)
  }

  #welcomed(welcome: WelcomeFrame): void {
    this.#authId = null
    this.#tokens.accepted(welcome.expiresInMs, this.#renew)
    if (this.#session.value) return
    this.#liveness.begin(welcome.heartbeatMs)
    const generation = this.#generation
    this.#session.set({ welcome, generation: ++this.#sessions })
    // Whoever heard of the session may have ended it.
    if (generation === this.#generation) this.#send({ type: 'WELCOMED' })
  }

  /** Ends the socket over an error. */
  #fail(error: HoldfastError, code: number): void {
    const socket = this.#socket
    this.#endSocket(new HoldfastError('network'))
    socket?.close(code)
    this.#send({ type: 'SOCKET_CLOSED', loss: lossBy(error) })
  }

  #endSocket(reason: HoldfastError): void {
    this.#generation++
    this.#socket = null
    this.#authId = null
    this.#sessionError = null
    this.#credentials = {}
    this.#liveness.end()
    this.#tokens.stop()
    this.#session.set(null)
    this.#pending.rejectAll(reason)
  }

  // Tokens and wake signals.

  /** Fetches a token for the socket of now; what comes after its end is let pass. */
  #fetchToken(
    reason: AuthReason,
    fetched: (credentials: Credentials) => void,
    failed: (error: HoldfastError) => void,
  ): void {
    const generation = this.#generation
    const isCurrent = (): boolean => generation === this.#generation
    this.#tokens.fetch(reason).then(
      (credentials) => {
        if (isCurrent()) fetched(credentials)
      },
      (error: HoldfastError) => {
        if (isCurrent()) failed(error)
      },
    )
  }

  /** In band, by the same frame as the first time. The old token serves until the server says otherwise. */
  readonly #renew = (): void => {
    this.#fetchToken(
      'expired',
      (credentials) => {
        this.#credentials = credentials
        this.authenticate()
      },
      () => this.#tokens.retry(this.#renew),
    )
  }

  #noteActivity(signal: ActivitySignal): void {
    this.#awayness?.note(signal)
    if (WAKE_SIGNALS.has(signal)) {
      this.#deadlines.check()
      this.#send({ type: signal === 'online' ? 'NETWORK_RETURNED' : 'WOKE' })
    } else if (signal === 'offline') this.#send({ type: 'NETWORK_LOST' })
  }
}

/** The `attempt`th of all peers: those of the first transport, then those of the next, then again from the start. */
function peerOf(transports: readonly Transport[], attempt: number): { transport: Transport; peer: number } {
  let place = attempt % transports.reduce((sum, { peers }) => sum + peers, 0)
  for (const transport of transports) {
    if (place < transport.peers) return { transport, peer: place }
    place -= transport.peers
  }
  throw new HoldfastError('bad_config', { message: 'No transport has a peer.' })
}
