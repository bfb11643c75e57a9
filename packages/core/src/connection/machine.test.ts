import { expect, it } from 'vitest'
import { createActor, initialTransition, transition } from 'xstate'
import { HoldfastError } from '../errors.ts'
import { seededRandom } from '../testing/index.ts'
import { lossBy } from './closure.ts'
import {
  type ConnectionEvent,
  type ConnectionInput,
  type ConnectionSnapshot,
  connectionChart,
  connectionDelays,
  connectionStateOf,
  connectionMachine as machine,
} from './machine.ts'
import { deadlinesIn, xstateMachine } from './statechart.test-kit.ts'

const oracle = xstateMachine(connectionChart, connectionDelays)
const ignored = 'ignored'

const networkLoss = { action: 'reconnect', error: null, retryAfterMs: 0 } as const

type Leaf =
  | 'initial'
  | 'closed'
  | 'refused'
  | 'opening'
  | 'token'
  | 'welcome'
  | 'backoff'
  | 'noNetwork'
  | 'healthy'
  | 'probing'
/** A state's own deadline, whichever it is, stands beside the events. */
type Happening = ConnectionEvent['type'] | 'DEADLINE_PASSED'

const events: Record<ConnectionEvent['type'], ConnectionEvent> = {
  CONNECT: { type: 'CONNECT' },
  DISCONNECT: { type: 'DISCONNECT' },
  SOCKET_OPENED: { type: 'SOCKET_OPENED', tookMs: 20 },
  SOCKET_CLOSED: { type: 'SOCKET_CLOSED', loss: networkLoss },
  TOKEN_FETCHED: { type: 'TOKEN_FETCHED' },
  TOKEN_FAILED: { type: 'TOKEN_FAILED', loss: networkLoss },
  WELCOMED: { type: 'WELCOMED' },
  FELL_SILENT: { type: 'FELL_SILENT' },
  FRAME_ARRIVED: { type: 'FRAME_ARRIVED' },
  PROBE_ANSWERED: { type: 'PROBE_ANSWERED' },
  WOKE: { type: 'WOKE' },
  SLEPT: { type: 'SLEPT' },
  NETWORK_LOST: { type: 'NETWORK_LOST' },
  NETWORK_RETURNED: { type: 'NETWORK_RETURNED' },
  USER_LEFT: { type: 'USER_LEFT' },
  USER_RETURNED: { type: 'USER_RETURNED' },
}

/** What is the same in every offline state. */
const offline = {
  CONNECT: 'opening',
  SOCKET_OPENED: ignored,
  SOCKET_CLOSED: ignored,
  TOKEN_FETCHED: ignored,
  TOKEN_FAILED: ignored,
  WELCOMED: ignored,
  FELL_SILENT: ignored,
  FRAME_ARRIVED: ignored,
  PROBE_ANSWERED: ignored,
  WOKE: ignored,
  SLEPT: ignored,
  NETWORK_LOST: ignored,
  NETWORK_RETURNED: ignored,
  USER_LEFT: ignored,
  USER_RETURNED: ignored,
  DEADLINE_PASSED: ignored,
} as const

/** What is the same in every other state, unless the state says otherwise. */
const busy = { ...offline, CONNECT: ignored, DISCONNECT: 'closed' } as const

const table = {
  initial: { ...offline, DISCONNECT: ignored },
  closed: { ...offline, DISCONNECT: ignored },
  refused: { ...offline, DISCONNECT: 'closed' },
  opening: { ...busy, SOCKET_OPENED: 'token', SOCKET_CLOSED: 'backoff', DEADLINE_PASSED: 'backoff' },
  token: { ...busy, SOCKET_CLOSED: 'backoff', TOKEN_FETCHED: 'welcome', TOKEN_FAILED: 'backoff' },
  welcome: { ...busy, SOCKET_CLOSED: 'backoff', WELCOMED: 'healthy', DEADLINE_PASSED: 'backoff' },
  backoff: {
    ...busy,
    WOKE: 'opening',
    SLEPT: 'opening',
    NETWORK_RETURNED: 'opening',
    NETWORK_LOST: 'noNetwork',
    DEADLINE_PASSED: 'opening',
  },
  noNetwork: { ...busy, NETWORK_RETURNED: 'opening', DEADLINE_PASSED: 'opening' },
  healthy: {
    ...busy,
    SOCKET_CLOSED: 'backoff',
    FELL_SILENT: 'probing',
    WOKE: 'probing',
    SLEPT: 'probing',
    NETWORK_LOST: 'probing',
    NETWORK_RETURNED: 'probing',
  },
  probing: {
    ...busy,
    SOCKET_CLOSED: 'backoff',
    FRAME_ARRIVED: 'probing',
    PROBE_ANSWERED: 'healthy',
    WOKE: 'probing',
    SLEPT: 'probing',
    NETWORK_RETURNED: 'probing',
    DEADLINE_PASSED: 'backoff',
  },
} satisfies Record<Leaf, Record<Happening, Leaf | typeof ignored>>

/** How each state is reached from the start. */
const ways: Record<Leaf, ConnectionEvent[]> = (() => {
  const opening = [events.CONNECT]
  const token = [...opening, events.SOCKET_OPENED]
  const welcome = [...token, events.TOKEN_FETCHED]
  const healthy = [...welcome, events.WELCOMED]
  const refusal: ConnectionEvent = { type: 'SOCKET_CLOSED', loss: { ...networkLoss, action: 'stop' } }
  return {
    initial: [],
    closed: [events.CONNECT, events.DISCONNECT],
    refused: [...opening, refusal],
    opening,
    token,
    welcome,
    backoff: [...opening, events.SOCKET_CLOSED],
    noNetwork: [...opening, events.SOCKET_CLOSED, events.NETWORK_LOST],
    healthy,
    probing: [...healthy, events.WOKE],
  }
})()

function input(overrides: Partial<ConnectionInput> = {}): ConnectionInput {
  const nothing = (): void => undefined
  return {
    connectTimeoutMs: 10_000,
    now: () => 1_000_000,
    fraction: () => 0.5,
    isOnline: () => true,
    probeMs: () => 2_000,
    effects: {
      watch: nothing,
      unwatch: nothing,
      openSocket: nothing,
      dropSocket: nothing,
      fetchToken: nothing,
      authenticate: nothing,
      probe: nothing,
    },
    ...overrides,
  }
}

function walk(way: readonly ConnectionEvent[], overrides: Partial<ConnectionInput> = {}): ConnectionSnapshot {
  let [snapshot] = initialTransition(machine, input(overrides))
  for (const event of way) [snapshot] = transition(machine, snapshot, event)
  return snapshot
}

function leafOf(snapshot: ConnectionSnapshot): string {
  let value: unknown = (snapshot.value as Record<string, unknown>).connectedness
  while (typeof value === 'object' && value !== null) value = Object.values(value)[0]
  return String(value)
}

/** The event with which XState reports the deadline of the state that the machine is in. */
function deadlineOf(snapshot: ConnectionSnapshot): ConnectionEvent | null {
  const [type] = deadlinesIn(oracle, snapshot.value)
  return type ? ({ type } as unknown as ConnectionEvent) : null
}

for (const [state, row] of Object.entries(table)) {
  it(`${state}: every event leads where the table says`, () => {
    const start = walk(ways[state as Leaf])
    expect(leafOf(start)).toBe(state)
    for (const [happening, target] of Object.entries(row)) {
      const event =
        happening === 'DEADLINE_PASSED' ? deadlineOf(start) : events[happening as ConnectionEvent['type']]
      if (!event) {
        expect(target, `${state} has a deadline`).toBe(ignored)
        continue
      }
      const [next, actions] = transition(machine, start, event)
      const told = `${state} + ${happening}`
      expect(leafOf(next), told).toBe(target === ignored ? state : target)
      if (target === ignored) expect(actions, told).toEqual([])
    }
  })
}

it('the user leaves and comes back beside all that', () => {
  const shown = (way: ConnectionEvent[]): string =>
    connectionStateOf(walk(way), {
      status: 'OFFLINE',
      previous: 'OFFLINE',
      reason: 'initial',
      retryAt: null,
      error: null,
    }).status
  expect(shown([...ways.healthy, events.USER_LEFT])).toBe('AWAY')
  expect(shown([...ways.probing, events.USER_LEFT])).toBe('AWAY')
  expect(shown([...ways.healthy, events.USER_LEFT, events.USER_RETURNED])).toBe('ONLINE')
  expect(shown([...ways.backoff, events.USER_LEFT])).toBe('CONNECTING')
})

it('N2: a rejected token is refreshed once; a second rejection in a row, or a 403, is `denied`', () => {
  const rejected: ConnectionEvent = {
    type: 'SOCKET_CLOSED',
    loss: lossBy(new HoldfastError('unauthenticated')),
  }
  const again = [events.SOCKET_OPENED, events.TOKEN_FETCHED]
  const once = walk([...ways.welcome, rejected])
  expect(leafOf(once)).toBe('opening')
  expect(once.context.tokenReason).toBe('rejected')
  const twice = walk([...ways.welcome, rejected, ...again, rejected])
  expect(leafOf(twice)).toBe('refused')
  expect(twice.context.error?.code).toBe('denied')
  expect(leafOf(walk([...ways.welcome, rejected, ...again, events.WELCOMED, rejected]))).toBe('backoff')

  const forbidden: ConnectionEvent = { type: 'SOCKET_CLOSED', loss: lossBy(new HoldfastError('forbidden')) }
  const refused = walk([...ways.healthy, forbidden])
  expect(leafOf(refused)).toBe('refused')
  expect(refused.context.error).toMatchObject({ code: 'denied', cause: { code: 'forbidden' } })
})

it('an attempt that fails without a network waits for the network', () => {
  expect(leafOf(walk([...ways.opening, events.SOCKET_CLOSED], { isOnline: () => false }))).toBe('noNetwork')
})

it('no wake comes before the wait that the server announced', () => {
  const limited: ConnectionEvent = {
    type: 'SOCKET_CLOSED',
    loss: { action: 'wait', error: null, retryAfterMs: 5_000 },
  }
  let now = 1_000_000
  const clock = { now: () => now }
  const waiting = walk([...ways.healthy, limited, events.WOKE, events.NETWORK_RETURNED], clock)
  expect(leafOf(waiting)).toBe('backoff')
  expect(waiting.context.retryAt).toBeGreaterThanOrEqual(now + 5_000)
  now += 5_000
  expect(leafOf(transition(machine, waiting, events.WOKE)[0])).toBe('opening')
})

it('random walks keep the laws', () => {
  const names = Object.keys(events) as ConnectionEvent['type'][]
  const losses = [
    'reconnect',
    'reject-in-flight',
    'refresh-token',
    'stop',
    'wait',
    'reconnect-slowly',
  ] as const
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed)
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random.fraction() * list.length)] as T
    let now = 1_000_000
    let sockets = 0
    let mayAuthenticate = false
    let isWatching = false
    let probes = 0
    const actor = createActor(machine, {
      clock: { setTimeout: () => 0, clearTimeout: () => undefined },
      input: input({
        now: () => now,
        fraction: () => random.fraction(),
        isOnline: () => random.fraction() < 0.8,
        effects: {
          watch: () => {
            isWatching = true
          },
          unwatch: () => {
            isWatching = false
          },
          openSocket: () => {
            sockets++
            mayAuthenticate = false
          },
          dropSocket: () => {
            sockets = 0
          },
          fetchToken: () => undefined,
          authenticate: () => expect(mayAuthenticate, 'law 4').toBe(true),
          probe: () => probes++,
        },
      }),
    })
    actor.start()
    for (let step = 0; step < 200; step++) {
      now += Math.floor(random.fraction() * 4_000)
      const before = leafOf(actor.getSnapshot())
      const probesBefore = probes
      const name = pick(names)
      const loss = { action: pick(losses), error: null, retryAfterMs: pick([0, 0, 3_000]) }
      const event = pick([
        { ...events[name], ...('loss' in events[name] ? { loss } : {}) },
        deadlineOf(actor.getSnapshot()),
      ])
      if (!event) continue
      if (event.type === 'TOKEN_FETCHED' && before === 'token') mayAuthenticate = true
      actor.send(event as ConnectionEvent)
      const after = leafOf(actor.getSnapshot())
      const { retryAt, notBefore } = actor.getSnapshot().context
      const isOffline = (leaf: string): boolean => ['initial', 'closed', 'refused'].includes(leaf)
      const holdsSocket = ['opening', 'token', 'welcome', 'healthy', 'probing'].includes(after)
      const told = `seed ${seed}, step ${step}: ${before} + ${event.type} → ${after}`
      expect(sockets, `law 1, ${told}`).toBe(holdsSocket ? 1 : 0)
      expect(isWatching, `law 2, ${told}`).toBe(!isOffline(after))
      if (isOffline(before) && !isOffline(after)) expect(event.type, `law 3, ${told}`).toBe('CONNECT')
      if (after === 'backoff') expect(retryAt, `law 5, ${told}`).toBeGreaterThanOrEqual(notBefore)
      if (before === 'probing' && event.type !== 'SLEPT') expect(probes, `law 6, ${told}`).toBe(probesBefore)
    }
  }
})
