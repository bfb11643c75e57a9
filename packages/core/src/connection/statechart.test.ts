import { expect, it } from 'vitest'
import { type AnyActorLogic, and, assign, createActor, raise } from 'xstate'
import { seededRandom } from '../testing/index.ts'
import { type Surroundings, unknownIn, walk, xstateMachine } from './statechart.test-kit.ts'
import { type Chart, type Delays, statechart } from './statechart.ts'

interface Event {
  readonly type: 'A' | 'B' | 'C' | 'D'
}
interface Context extends Surroundings {
  readonly count: number
  readonly last: string
}
type Delay = 'short' | 'long'
type MadeUpChart = Chart<Context, Event, Surroundings, Delay>

const delays: Delays<Context, Event, Delay> = {
  short: ({ context }) => context.count,
  long: ({ context, event }) => 1_000 + context.count + event.type.length,
}

const chartOf = (states: MadeUpChart['states']): MadeUpChart => ({
  id: 'chart',
  type: 'parallel',
  context: ({ input }) => ({ ...input, count: 0, last: 'nothing' }),
  states,
})

/** A chart of up to three regions, each up to four deep, with as much of the dialect in it as will go. */
function madeUpChart(seed: number): MadeUpChart {
  const random = seededRandom(seed)
  const isChosen = (share: number): boolean => random.fraction() < share
  const upTo = (most: number): number => 1 + Math.floor(random.fraction() * most)
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random.fraction() * choices.length)] as T
  const several = <T>(most: number, make: () => T): T | T[] =>
    isChosen(0.5) ? make() : Array.from({ length: upTo(most) }, make)
  const some = <T>(names: readonly string[], share: number, make: () => T): Record<string, T> =>
    Object.fromEntries(names.filter(() => isChosen(share)).map((name) => [name, make()]))
  let names = 0

  function action(): unknown {
    const name = `action ${++names}`
    return isChosen(0.4)
      ? {
          type: 'assign',
          params: ({ context }: { context: Context }) => ({ count: context.count + 1, last: name }),
        }
      : ({ context }: { context: Context }) => context.done(`${name} after ${context.last}, ${context.count}`)
  }

  /** First come all states, since a transition may lead to any of its region. */
  const places: { readonly keys: readonly string[]; readonly state: Record<string, unknown> }[] = []
  function grow(keys: readonly string[], depth: number): object {
    const inner = ['a', 'b', 'c'].slice(0, keys.length === 1 || isChosen(0.6) ? upTo(3) : 0)
    const state: Record<string, unknown> = {
      ...((keys.length === 1 || isChosen(0.5)) && { id: keys.join('_') }),
      ...(isChosen(0.6) && { entry: several(3, action) }),
      ...(isChosen(0.6) && { exit: several(3, action) }),
    }
    places.push({ keys, state })
    if (depth > 0 && inner.length > 0) {
      state.initial = pick(inner)
      state.states = Object.fromEntries(inner.map((key) => [key, grow([...keys, key], depth - 1)]))
    }
    return state
  }
  const regions = ['r', 's', 't'].slice(0, upTo(3))
  const states = Object.fromEntries(regions.map((region) => [region, grow([region], 3)]))

  /** By a sibling on the way, or by an id on the way. */
  function targetFor(from: readonly string[]): string {
    const region = places.filter(({ keys }) => keys[0] === from[0])
    const { keys } = pick(region.filter((place) => place.keys.length > 1))
    const depth = from.length - 1
    const isBelowSibling = depth > 0 && from.slice(0, depth).every((key, at) => key === keys[at])
    if (isBelowSibling && keys.length > depth && isChosen(0.6)) return keys.slice(depth).join('.')
    const ids = region.filter(
      ({ state, keys: above }) => state.id && above.every((key, at) => key === keys[at]),
    )
    const { state, keys: above } = pick(ids)
    return [`#${state.id}`, ...keys.slice(above.length)].join('.')
  }

  for (const { keys, state } of places) {
    const transition = (): object => {
      const name = `guard ${++names}`
      return {
        ...(isChosen(0.5) && {
          guard: ({ context }: { context: Context }) => context.fraction(name) < 0.5,
        }),
        ...(isChosen(0.8) && { target: targetFor(keys) }),
        ...(keys.length > 1 && isChosen(0.3) && { reenter: true }),
        ...(isChosen(0.6) && { actions: several(3, action) }),
      }
    }
    const transitions = (): unknown => (isChosen(0.2) ? targetFor(keys) : several(3, transition))
    if (isChosen(0.8)) state.on = some(['A', 'B', 'C', 'D'], 0.5, transitions)
    if (isChosen(0.5)) state.after = some(['short', 'long'], 0.6, transitions)
  }
  return chartOf(states as MadeUpChart['states'])
}

it('charts made up at random do what they do in XState', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const chart = madeUpChart(seed)
    const oracle = xstateMachine(chart, delays)
    expect(unknownIn(oracle)).toEqual([])
    const [ours, theirs] = [statechart(chart, delays), oracle].map((logic) =>
      walk(
        logic,
        seed,
        40,
        (pick) => ({ type: pick(['A', 'B', 'C', 'D']) }),
        (input) => input,
      ),
    )
    expect(ours, `seed ${seed}`).toEqual(theirs)
  }
}, 30_000)

it('an effect that throws ends the actor, and its timers, as it does in XState', () => {
  const chart = chartOf({
    region: {
      initial: 'idle',
      states: {
        idle: { after: { long: 'idle' }, on: { A: 'broken' } },
        broken: {
          entry: ({ context }) => {
            throw new Error(`after ${context.last}`)
          },
        },
      },
    },
  })
  const endOf = (logic: AnyActorLogic): unknown => {
    const seen: unknown[] = []
    const clock = {
      setTimeout: (_: () => void, ms: number) => ms,
      clearTimeout: (id: number) => seen.push(id),
    }
    const actor = createActor(logic, { clock, input: {} })
    actor.subscribe({ error: (error) => seen.push(String(error)) })
    actor.start()
    actor.send({ type: 'A' })
    return [actor.getSnapshot().status, seen]
  }
  const ours = endOf(statechart(chart, delays))
  expect(ours).toEqual(endOf(xstateMachine(chart, delays)))
  expect(ours).toMatchObject(['error', [expect.anything(), 'Error: after nothing']])
})

const region = (state: object): object => ({
  states: { region: { initial: 'a', states: { a: state, b: {} } } },
})
const onA = (transition: unknown): object => region({ on: { A: transition } })

it.each([
  ['a root with transitions', { on: {} }],
  ['a root that is not parallel', { type: 'atomic' }],
  ['a region without states', { states: { region: {} } }],
  ['another parallel state', region({ type: 'parallel', states: { c: {}, d: {} } })],
  ['a final state', region({ type: 'final' })],
  ['history', region({ initial: 'c', states: { c: {}, d: { history: true } } })],
  ['eventless transitions', region({ always: { target: 'b', guard: () => false } })],
  ['invoked actors', region({ invoke: { src: 'x' } })],
  ['done events', region({ onDone: 'b', initial: 'c', states: { c: {} } })],
  ['tags', region({ tags: 'x' })],
  ['actions on the initial transition', region({ initial: { target: 'c', actions: [] }, states: { c: {} } })],
  ['wildcards', region({ on: { '*': 'b' } })],
  ['delays by number', region({ after: { 1000: 'b' } })],
  ['targets by a leading dot', region({ initial: 'c', states: { c: {} }, on: { A: '.c' } })],
  ['several targets', onA({ target: ['a', 'b'] })],
  [
    'a target in another region',
    {
      states: {
        r: { initial: 'a', states: { a: { id: 'a' } } },
        s: { initial: 'c', states: { c: { on: { A: '#a' } } } },
      },
    },
  ],
  [
    'a region that is left',
    { states: { region: { id: 'region', initial: 'a', states: { a: { on: { A: '#region' } } } } } },
  ],
  [
    'a region that reenters',
    {
      states: { region: { initial: 'a', on: { A: { target: 'region', reenter: true } }, states: { a: {} } } },
    },
  ],
  ['more in a transition', onA({ target: 'b', meta: {} })],
  ['guards by name', onA({ guard: 'isSo', target: 'b' })],
  ['composed guards', onA({ guard: and([]), target: 'b' })],
  ['actions by name', onA({ actions: 'act' })],
  ['other actions with parameters', onA({ actions: { type: 'act', params: () => ({}) } })],
  ['raised events', onA({ actions: raise({ type: 'B' }) })],
  ["XState's assign", region({ entry: assign({}) })],
])('%s: refused', (_, strange) => {
  const chart = { ...chartOf({ region: { initial: 'a', states: { a: {}, b: {} } } }), ...strange }
  expect(unknownIn(xstateMachine(chart as MadeUpChart, delays))).toHaveLength(1)
})
