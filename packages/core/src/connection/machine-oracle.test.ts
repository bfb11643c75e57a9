import { expect, it } from 'vitest'
import { type EventObject, initialTransition } from 'xstate'
import { HoldfastError } from '../errors.ts'
import type { CloseAction } from '../protocol/index.ts'
import { lossBy } from './closure.ts'
import {
  type ConnectionEvent,
  type ConnectionInput,
  connectionChart,
  connectionDelays,
  connectionMachine,
} from './machine.ts'
import {
  deadlinesIn,
  type Surroundings,
  stepFrom,
  unknownIn,
  walk,
  xstateMachine,
} from './statechart.test-kit.ts'
import { statechart } from './statechart.ts'

const oracle = xstateMachine(connectionChart, connectionDelays)

const LOSSES = [
  ...(['reconnect', 'reject-in-flight', 'refresh-token', 'stop', 'wait', 'reconnect-slowly'] as const).map(
    (action: CloseAction) => ({ action, error: null, retryAfterMs: action === 'wait' ? 3_000 : 0 }),
  ),
  lossBy(new HoldfastError('unauthenticated')),
  lossBy(new HoldfastError('token_expired')),
  lossBy(new HoldfastError('forbidden')),
]

const EVENTS: readonly ConnectionEvent[] = [
  { type: 'CONNECT' },
  { type: 'DISCONNECT' },
  { type: 'SOCKET_OPENED', tookMs: 20 },
  ...LOSSES.map((loss) => ({ type: 'SOCKET_CLOSED', loss }) as const),
  { type: 'TOKEN_FETCHED' },
  ...LOSSES.map((loss) => ({ type: 'TOKEN_FAILED', loss }) as const),
  { type: 'WELCOMED' },
  { type: 'FELL_SILENT' },
  { type: 'FRAME_ARRIVED' },
  { type: 'PROBE_ANSWERED' },
  { type: 'WOKE' },
  { type: 'SLEPT' },
  { type: 'NETWORK_LOST' },
  { type: 'NETWORK_RETURNED' },
  { type: 'USER_LEFT' },
  { type: 'USER_RETURNED' },
]

function inputFor({ now, fraction, done }: Surroundings): ConnectionInput {
  return {
    connectTimeoutMs: 10_000,
    now: () => 1_000_000 + now(),
    fraction: () => fraction('fraction'),
    isOnline: () => fraction('online') < 0.7,
    probeMs: () => Math.floor(fraction('probe') * 5_000),
    effects: {
      watch: () => done('watch'),
      unwatch: () => done('unwatch'),
      openSocket: (attempt) => done(`open ${attempt}`),
      dropSocket: () => done('drop'),
      fetchToken: (reason) => done(`token ${reason}`),
      authenticate: () => done('authenticate'),
      probe: () => done('probe'),
    },
  }
}

/** The same chart with guards that answer as they are told, in the order in which they are asked. */
function withAnswers<T>(chart: T, answer: (guard: string) => boolean, path: string = ''): T {
  if (typeof chart !== 'object' || chart === null) return chart
  const entries = Object.entries(chart).map(([key, part]) => {
    const where = `${path}.${key}`
    return [key, key === 'guard' ? () => answer(where) : withAnswers(part, answer, where)]
  })
  return (Array.isArray(chart) ? entries.map(([, part]) => part) : Object.fromEntries(entries)) as T
}

const VALUES = ['present', 'away'].flatMap((awayness) =>
  [
    ...['initial', 'closed', 'refused'].map((offline) => ({ offline })),
    ...['opening', 'backoff', 'noNetwork'].map((connecting) => ({ connecting })),
    ...['token', 'welcome'].map((authenticating) => ({ connecting: { authenticating } })),
    ...['healthy', 'probing'].map((connected) => ({ connected })),
  ].map((connectedness) => ({ connectedness, awayness })),
)

it('the chart says nothing that the interpreter does not know', () => {
  expect(unknownIn(oracle)).toEqual([])
})

it('each event in each state, with each outcome of the guards, does what it does in XState', () => {
  const deadlines = new Set(VALUES.flatMap((value) => deadlinesIn(oracle, value)))
  expect(deadlines.size).toBe(5)
  const events: EventObject[] = [...EVENTS, ...[...deadlines, 'UNHEARD_OF'].map((type) => ({ type }))]

  let log: string[] = []
  const done = (what: string): number => log.push(what)
  const input = inputFor({ now: () => 5_000, fraction: () => 0.5, done })
  const [{ context }] = initialTransition(connectionMachine, input)
  let mostAsked = 0
  for (let answers = 0; answers < 8; answers++) {
    let asked = 0
    const chart = withAnswers(connectionChart, (guard) => {
      log.push(`${guard}?`)
      return ((answers >> asked++) & 1) === 1
    })
    const logics = [statechart(chart, connectionDelays), xstateMachine(chart, connectionDelays)]
    for (const value of VALUES)
      for (const event of events) {
        const [ours, theirs] = logics.map((logic) => {
          log = []
          asked = 0
          const after = stepFrom(logic, { value, context }, event, log)
          mostAsked = Math.max(mostAsked, asked)
          return { after, log }
        })
        expect(ours, `${JSON.stringify(value)} + ${event.type}, answers ${answers}`).toEqual(theirs)
      }
  }
  expect(mostAsked).toBe(3)
})

it('random walks do what they do in XState, also where events come while a step is under way', () => {
  const types = [...new Set(EVENTS.map(({ type }) => type))]
  const seen = new Set<string>()
  for (let seed = 1; seed <= 2_000; seed++) {
    const [ours = [], theirs] = [connectionMachine, oracle].map((logic) =>
      walk(
        logic,
        seed,
        60,
        (pick) => {
          const type = pick(types)
          return pick(EVENTS.filter((event) => event.type === type))
        },
        inputFor,
      ),
    )
    expect(ours, `seed ${seed}`).toEqual(theirs)
    for (const line of ours) if (line.startsWith('{"connectedness"')) seen.add(line)
  }
  expect([...seen].sort()).toEqual(VALUES.map((value) => JSON.stringify(value)).sort())
}, 30_000)
