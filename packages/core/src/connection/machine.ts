/**
 * The connection as a statechart: what can happen in which state, and nothing of how. Two parallel regions.
 *
 *   connectedness
 *   ┌ offline ─────────────────────────┐          ┌ connecting ───────────────────────────────────────────┐
 *   │  initial      before connect()   │ CONNECT  │  opening ──SOCKET_OPENED──▶ authenticating            │
 *   │  closed       disconnect()       ├─────────▶│    ▲  ▲                      token ─TOKEN_FETCHED─┐   │
 *   │  refused      the server's no    │          │    │  └─ first rejected      welcome ◀────────────┘   │
 *   └──────▲───────────────────────────┘          │    │     token                  │                     │
 *          │                                      │    │ delay over, woke           │ WELCOMED            │
 *          │ DISCONNECT, or a refusal             │  backoff ◀─▶ noNetwork          │                     │
 *          ├──────────────────────────────────────┤    ▲                            │                     │
 *          │                                      └────┼────────────────────────────┼─────────────────────┘
 *          │                                           │ lost, no answer            ▼
 *          │                                      ┌ connected ────────────────────────────────────────────┐
 *          └──────────────────────────────────────┤  healthy ──FELL_SILENT, woke──▶ probing               │
 *                                                 │          ◀──PROBE_ANSWERED────                        │
 *                                                 └───────────────────────────────────────────────────────┘
 *   awayness
 *     present ──USER_LEFT──▶ away ──USER_RETURNED──▶ present
 *
 * Laws, checked by random walks: (1) there is a socket exactly while opening, authenticating or connected, and never a
 * second one; (2) offline watches nothing; (3) out of offline only CONNECT leads; (4) credentials are sent only after
 * TOKEN_FETCHED for this very socket; (5) in backoff, `retryAt` is never before the wait that the server announced;
 * (6) at most one probe is under way, unless sleep made the first one worthless.
 */
import type { ActorLogic } from 'xstate'
import type { HoldfastError } from '../errors.ts'
import { LONGEST_BACKOFF_MS, reconnectDelayMs, STABLE_SESSION_MS } from './backoff.ts'
import { type Loss, lossBy, refusalOf } from './closure.ts'
import { type Assign, type Chart, type ChartSnapshot, type Delays, statechart } from './statechart.ts'
import type { ConnectionState, Status, StatusReason } from './status.ts'
import type { AuthReason } from './tokens.ts'

export type ConnectionEvent =
  | { readonly type: 'CONNECT' }
  | { readonly type: 'DISCONNECT' }
  /** After `tookMs`, which the welcome no longer has. */
  | { readonly type: 'SOCKET_OPENED'; readonly tookMs: number }
  | { readonly type: 'SOCKET_CLOSED'; readonly loss: Loss }
  | { readonly type: 'TOKEN_FETCHED' }
  | { readonly type: 'TOKEN_FAILED'; readonly loss: Loss }
  | { readonly type: 'WELCOMED' }
  | { readonly type: 'FELL_SILENT' }
  /** A frame came while a probe is under way. It may have waited since before the probe, so it only gains time. */
  | { readonly type: 'FRAME_ARRIVED' }
  | { readonly type: 'PROBE_ANSWERED' }
  /** The page was shown, resumed or focused. */
  | { readonly type: 'WOKE' }
  /** Timers were found to be late: the machine slept, or the page was throttled. */
  | { readonly type: 'SLEPT' }
  | { readonly type: 'NETWORK_LOST' }
  | { readonly type: 'NETWORK_RETURNED' }
  | { readonly type: 'USER_LEFT' }
  | { readonly type: 'USER_RETURNED' }

/** What the machine asks of its surroundings. */
export interface ConnectionInput {
  readonly connectTimeoutMs: number
  now(): number
  /** Uniform in [0, 1). */
  fraction(): number
  isOnline(): boolean
  /** How long the probe that begins now may take. */
  probeMs(): number
  readonly effects: ConnectionEffects
}

/** What the machine makes happen. Ending something that is not there does nothing. */
export interface ConnectionEffects {
  /** Begins to watch activity and sleep. */
  watch(): void
  unwatch(): void
  /** Opens a socket to the `attempt`th of the peers. */
  openSocket(attempt: number): void
  /** Ends the socket, and with it the session and what is in flight. */
  dropSocket(): void
  fetchToken(reason: AuthReason): void
  authenticate(): void
  probe(): void
}

interface ConnectionContext extends ConnectionInput {
  /** Peers that could not be reached since the last welcome. */
  attempt: number
  /** Failed attempts and short sessions in a row. */
  failures: number
  /** Tokens that were not accepted, in a row. */
  rejections: number
  tokenReason: AuthReason
  /** How long the socket took to open. */
  tookMs: number
  welcomedAt: number | null
  /** When the next attempt is made, and before when none may be, not even by a wake. */
  retryAt: number
  /** The whole wait until then: a wall clock that is set back must not make it longer. */
  retryMs: number
  notBefore: number
  error: HoldfastError | null
  /** Whether the user is waiting for the probe that is under way. */
  isWakeProbe: boolean
  /** Whether that probe was begun again, since its deadline was met too late to say anything. */
  isSecondProbe: boolean
}

const TIMED_OUT: Loss = lossBy(null)

interface Happening {
  readonly context: ConnectionContext
  readonly event: ConnectionEvent
}

const assign = (
  params: (happening: Happening) => Partial<ConnectionContext>,
): Assign<ConnectionContext, ConnectionEvent> => ({ type: 'assign', params })

// Questions.
const isRefused = ({ context, event }: Happening): boolean => {
  const { action } = lossIn(event)
  return action === 'stop' || (action === 'refresh-token' && context.rejections > 0)
}
const isFirstRejection = ({ context, event }: Happening): boolean =>
  lossIn(event).action === 'refresh-token' && context.welcomedAt === null
const isOffline = ({ context }: Happening): boolean => !context.isOnline()
const mayRetryNow = ({ context }: Happening): boolean => context.now() >= context.notBefore
const isFirstProbe = ({ context }: Happening): boolean => !context.isSecondProbe

// What is done.
const openSocket = ({ context }: Happening): void => context.effects.openSocket(context.attempt)
const dropSocket = ({ context }: Happening): void => context.effects.dropSocket()
const probe = ({ context }: Happening): void => context.effects.probe()

// What is noted.
const noteLoss = assign(({ context, event }) =>
  afterLoss(context, lossIn(event), event.type === 'TOKEN_FAILED'),
)
const noteOpened = assign(({ event }) => ({ tookMs: event.type === 'SOCKET_OPENED' ? event.tookMs : 0 }))
const noteWelcome = assign(({ context }) => ({
  attempt: 0,
  rejections: 0,
  tokenReason: 'initial',
  welcomedAt: context.now(),
  error: null,
}))
const noteSecondProbe = assign(() => ({ isWakeProbe: true, isSecondProbe: true }))
const noteWake = assign(() => ({ isWakeProbe: true }))

/** A socket, or what should have become one, is lost. */
const lost = [
  {
    guard: isRefused,
    target: '#offline.refused',
    actions: assign(({ event }) => ({ error: refusalOf(lossIn(event)) })),
  },
  { guard: isFirstRejection, target: '#connecting.opening', reenter: true, actions: noteLoss },
  { guard: isOffline, target: '#connecting.noNetwork', actions: noteLoss },
  { target: '#connecting.backoff', actions: noteLoss },
] as const
const retried = { guard: mayRetryNow, target: 'opening' } as const
const woke = { target: 'probing', actions: [noteWake, probe] } as const
const disconnected = '#offline.closed'

type Delay = 'connectTimeout' | 'welcomeTimeout' | 'backoff' | 'longestBackoff' | 'probeDeadline'

export const connectionDelays: Delays<ConnectionContext, ConnectionEvent, Delay> = {
  connectTimeout: ({ context }) => context.connectTimeoutMs,
  welcomeTimeout: ({ context }) => Math.max(0, context.connectTimeoutMs - context.tookMs),
  backoff: ({ context }) => Math.max(0, Math.min(context.retryMs, context.retryAt - context.now())),
  longestBackoff: () => LONGEST_BACKOFF_MS,
  probeDeadline: ({ context }) => context.probeMs(),
}

/** In XState's dialect, so that its tools can read it; `statechart` runs it. */
export const connectionChart: Chart<ConnectionContext, ConnectionEvent, ConnectionInput, Delay> = {
  id: 'connection',
  type: 'parallel',
  context: ({ input }) => ({ ...input, ...fresh() }),
  states: {
    connectedness: {
      initial: 'offline',
      states: {
        offline: {
          id: 'offline',
          initial: 'initial',
          entry: [dropSocket, ({ context }) => context.effects.unwatch()],
          exit: [assign(fresh), ({ context }) => context.effects.watch()],
          on: { CONNECT: 'connecting' },
          states: {
            initial: {},
            closed: {},
            refused: { on: { DISCONNECT: 'closed' } },
          },
        },
        connecting: {
          id: 'connecting',
          initial: 'opening',
          on: { DISCONNECT: disconnected },
          states: {
            opening: {
              entry: [dropSocket, openSocket],
              on: { SOCKET_OPENED: { target: 'authenticating', actions: noteOpened }, SOCKET_CLOSED: lost },
              after: { connectTimeout: lost },
            },
            authenticating: {
              initial: 'token',
              on: { SOCKET_CLOSED: lost },
              states: {
                token: {
                  entry: ({ context }) => context.effects.fetchToken(context.tokenReason),
                  on: { TOKEN_FETCHED: 'welcome', TOKEN_FAILED: lost },
                },
                welcome: {
                  entry: ({ context }) => context.effects.authenticate(),
                  on: { WELCOMED: { target: '#connected', actions: noteWelcome } },
                  after: { welcomeTimeout: lost },
                },
              },
            },
            backoff: {
              entry: dropSocket,
              on: { WOKE: retried, SLEPT: retried, NETWORK_RETURNED: retried, NETWORK_LOST: 'noNetwork' },
              after: { backoff: 'opening' },
            },
            // Tried now and then all the same: a server on this machine needs no network.
            noNetwork: {
              entry: dropSocket,
              on: { NETWORK_RETURNED: [retried, { target: 'backoff' }] },
              after: { longestBackoff: 'opening' },
            },
          },
        },
        connected: {
          id: 'connected',
          initial: 'healthy',
          on: { DISCONNECT: disconnected, SOCKET_CLOSED: lost },
          states: {
            healthy: {
              entry: assign(() => ({ isWakeProbe: false, isSecondProbe: false })),
              on: {
                FELL_SILENT: { target: 'probing', actions: probe },
                WOKE: woke,
                SLEPT: woke,
                NETWORK_LOST: woke,
                NETWORK_RETURNED: woke,
              },
            },
            probing: {
              on: {
                PROBE_ANSWERED: 'healthy',
                FRAME_ARRIVED: { target: 'probing', reenter: true },
                WOKE: { actions: noteWake },
                NETWORK_RETURNED: { actions: noteWake },
                SLEPT: {
                  guard: isFirstProbe,
                  target: 'probing',
                  reenter: true,
                  actions: [noteSecondProbe, probe],
                },
              },
              after: { probeDeadline: lost },
            },
          },
        },
      },
    },
    awayness: {
      initial: 'present',
      states: { present: { on: { USER_LEFT: 'away' } }, away: { on: { USER_RETURNED: 'present' } } },
    },
  },
}

/** What a connection knows before its first attempt. */
function fresh(): Omit<ConnectionContext, keyof ConnectionInput> {
  return {
    attempt: 0,
    failures: 0,
    rejections: 0,
    tokenReason: 'initial',
    tookMs: 0,
    welcomedAt: null,
    retryAt: 0,
    retryMs: 0,
    notBefore: 0,
    error: null,
    isWakeProbe: false,
    isSecondProbe: false,
  }
}

/** The loss that an event tells of; a deadline that passed tells of none. */
function lossIn(event: ConnectionEvent): Loss {
  return 'loss' in event ? event.loss : TIMED_OUT
}

function afterLoss(
  context: ConnectionContext,
  loss: Loss,
  isTokenFailure: boolean,
): Partial<ConnectionContext> {
  const now = context.now()
  const { welcomedAt } = context
  const wasStable = welcomedAt !== null && now - welcomedAt >= STABLE_SESSION_MS
  const failures = wasStable ? 1 : context.failures + 1
  const isRejection = loss.action === 'refresh-token'
  const delayMs = reconnectDelayMs(
    { ...loss, wasEstablished: welcomedAt !== null, failures, isWake: context.isWakeProbe },
    context.fraction(),
  )
  return {
    // A peer that answered, if only with a no, is tried again; one that could not be reached is not, for now.
    attempt: context.attempt + (welcomedAt !== null || isTokenFailure || isRejection ? 0 : 1),
    failures,
    rejections: context.rejections + (isRejection ? 1 : 0),
    tokenReason: !isRejection
      ? context.tokenReason
      : loss.error?.code === 'token_expired'
        ? 'expired'
        : 'rejected',
    welcomedAt: null,
    retryAt: now + delayMs,
    retryMs: delayMs,
    notBefore: now + loss.retryAfterMs,
    error: loss.error,
    isWakeProbe: false,
  }
}

const REASONS: Readonly<Record<string, StatusReason>> = {
  noNetwork: 'no-network',
  healthy: 'connected',
}

/** What the machine shows in a state of its own, after `last`, which is given back where nothing changed. */
export function connectionStateOf(
  { value, context }: ConnectionSnapshot,
  last: ConnectionState,
): ConnectionState {
  const { connectedness, awayness } = value as { connectedness: Record<string, unknown>; awayness: string }
  const [[region, leaf] = ['offline', 'initial']] = Object.entries(connectedness)
  const name = typeof leaf === 'string' ? leaf : 'authenticating'
  const reason = REASONS[name] ?? (name as StatusReason)
  const online: Status = awayness === 'away' ? 'AWAY' : 'ONLINE'
  const status = region === 'connected' ? online : region === 'connecting' ? 'CONNECTING' : 'OFFLINE'
  const retryAt = reason === 'backoff' ? context.retryAt : null
  const error = reason === 'backoff' || reason === 'no-network' || reason === 'refused' ? context.error : null
  if (last.status === status && last.reason === reason && last.retryAt === retryAt && last.error === error)
    return last
  return { status, previous: last.status === status ? last.previous : last.status, reason, retryAt, error }
}

export type ConnectionSnapshot = ChartSnapshot<ConnectionContext>

export const connectionMachine: ActorLogic<ConnectionSnapshot, ConnectionEvent, ConnectionInput> = statechart(
  connectionChart,
  connectionDelays,
)
