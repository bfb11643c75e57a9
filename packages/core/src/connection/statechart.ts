/**
 * Statecharts as logic for XState's actors, in the part of XState's dialect that the types below name. What it means is
 * XState's, and so SCXML's:
 *
 *   - An event goes to the innermost state first, then outwards. In a state, the first transition whose guard says yes is
 *     taken. Each region takes one of its own, and all have chosen before anything is done.
 *   - A transition leaves what is below the innermost state around source and target, inner states first; runs its
 *     actions; then enters down to the target and on along `initial`, outer states first. If it leads to the source
 *     itself or into it, the source is that state, unless the transition reenters.
 *   - Entering a state starts its deadlines after its entry actions; leaving it cancels them after its exit actions.
 *   - The actor gets each effect in its turn, with the context of then, and sets timers when the step is over. Events
 *     sent meanwhile wait in its mailbox.
 *
 * Tests hold it against XState's own machine of the same chart.
 */
import type { ActorLogic, ActorScope, EventObject, StateValue } from 'xstate'

export interface Happening<Context, Event> {
  readonly context: Context
  readonly event: Event
}

/** Changes the context. To XState it is a named action with parameters: `assign((_, changes) => changes)`. */
export interface Assign<Context, Event> {
  readonly type: 'assign'
  readonly params: (happening: Happening<Context, Event>) => Partial<Context>
}

type Several<T> = T | readonly T[]
type Effect<Context, Event> = (happening: Happening<Context, Event>) => void
type Actions<Context, Event> = Several<Effect<Context, Event> | Assign<Context, Event>>

export interface Transition<Context, Event> {
  readonly guard?: (happening: Happening<Context, Event>) => boolean
  /** A sibling's key, or `#id`, and from there down by keys; in the same region. Without it nothing is left or entered. */
  readonly target?: string
  readonly reenter?: boolean
  readonly actions?: Actions<Context, Event>
}

/** A string is a target. */
type Transitions<Context, Event> = string | Several<Transition<Context, Event>>

export interface ChartState<Context, Event extends EventObject, Delay extends string> {
  readonly id?: string
  /** Where there are states: which one is entered. */
  readonly initial?: string
  readonly states?: Readonly<Record<string, ChartState<Context, Event, Delay>>>
  readonly entry?: Actions<Context, Event>
  readonly exit?: Actions<Context, Event>
  readonly on?: { readonly [Type in Event['type']]?: Transitions<Context, Event> }
  readonly after?: { readonly [Name in Delay]?: Transitions<Context, Event> }
}

export interface Chart<Context, Event extends EventObject, Input, Delay extends string> {
  readonly id: string
  readonly type: 'parallel'
  readonly context: (creation: { readonly input: Input }) => Context
  /** The regions, each with states. */
  readonly states: Readonly<Record<string, ChartState<Context, Event, Delay>>>
}

/** How many milliseconds, asked when the state is entered. */
export type Delays<Context, Event, Delay extends string> = Readonly<
  Record<Delay, (happening: Happening<Context, Event>) => number>
>

/** Plain data, as far as the context is. */
export interface ChartSnapshot<Context> {
  readonly status: 'active'
  readonly output: undefined
  readonly error: undefined
  /** As XState writes it: by region, an object around the active state for each that has states, the leaf as a string. */
  readonly value: StateValue
  readonly context: Context
}

export function statechart<Context extends object, Event extends EventObject, Input, Delay extends string>(
  chart: Chart<Context, Event, Input, Delay>,
  delays: Delays<Context, Event, Delay>,
): ActorLogic<ChartSnapshot<Context>, Event, Input> {
  type Config = ChartState<Context, Event, Delay>

  /** A state in its place. */
  interface Node {
    readonly key: string
    readonly config: Config
    /** From the root down to the node itself. */
    readonly line: readonly Node[]
    readonly siblings: Readonly<Record<string, Node>>
    readonly states: Readonly<Record<string, Node>>
    /** By the type of the event. That a deadline has passed is one, too. */
    readonly on: Readonly<Record<string, Transitions<Context, Event> | undefined>>
    readonly deadlines: readonly { readonly type: string; readonly delay: Delay }[]
  }

  /** What a region does: it goes from leaf to leaf. So many states of their lines are neither left nor entered. */
  interface Move {
    readonly from: Node
    readonly to: Node
    readonly kept: number
    readonly actions?: Actions<Context, Event> | undefined
  }

  const byId: Record<string, Node> = {}
  const root = grow(chart, chart.id, [], {})

  function grow(config: Config, key: string, above: readonly Node[], siblings: Record<string, Node>): Node {
    const line: Node[] = [...above]
    const states: Record<string, Node> = {}
    const on: Record<string, Transitions<Context, Event> | undefined> = { ...config.on }
    const deadlines: { type: string; delay: Delay }[] = []
    const node: Node = { key, config, line, siblings, states, on, deadlines }
    line.push(node)
    siblings[key] = node
    const id = config.id ?? line.map((each) => each.key).join('.')
    byId[`#${id}`] = node
    for (const delay in config.after) {
      const type = `xstate.after.${delay}.${id}`
      on[type] = config.after[delay]
      deadlines.push({ type, delay })
    }
    for (const [child, inner] of Object.entries(config.states ?? {})) grow(inner, child, line, states)
    return node
  }

  function find(nodes: Readonly<Record<string, Node>>, [key = '', ...below]: readonly string[]): Node {
    const node = nodes[key]
    if (!node) throw new Error(`The chart has no state ${key}.`)
    return below.length ? find(node.states, below) : node
  }

  /** Where one arrives who enters the node. */
  function initialLeaf(node: Node): Node {
    return node.config.initial ? initialLeaf(find(node.states, [node.config.initial])) : node
  }

  function stateValue([node, ...below]: readonly Node[]): StateValue {
    const key = node?.key ?? ''
    return below.length ? { [key]: stateValue(below) } : key
  }

  function leavesOf(node: Node, value: StateValue): Node[] {
    if (typeof value === 'string') return [find(node.states, [value])]
    return Object.entries(value).flatMap(([key, inner]) => leavesOf(find(node.states, [key]), inner ?? ''))
  }

  function moveFrom(leaf: Node, happening: Happening<Context, Event>): Move | undefined {
    for (const source of leaf.line.toReversed())
      for (const { guard, target, reenter, actions } of transitionsIn(source.on[happening.event.type])) {
        if (guard && !guard(happening)) continue
        if (!target) return { from: leaf, to: leaf, kept: leaf.line.length, actions }
        const aim = find(target.startsWith('#') ? byId : source.siblings, target.split('.'))
        const isKept = (each: Node): boolean =>
          aim.line.includes(each) && (each === source ? !reenter : each !== aim)
        return { from: leaf, to: initialLeaf(aim), kept: source.line.filter(isKept).length, actions }
      }
    return undefined
  }

  function step(
    { value, context }: Pick<ChartSnapshot<Context>, 'value' | 'context'>,
    moves: readonly Move[],
    event: Event,
    { self, system, defer, actionExecutor }: ActorScope<ChartSnapshot<Context>, Event>,
  ): ChartSnapshot<Context> {
    /** XState's actions also get the actor, which ours do without. */
    const hand = (type: string, exec: Effect<Context, Event>, params?: object): void =>
      actionExecutor({ type, info: { context, event } as never, params, exec })
    const run = (actions: Actions<Context, Event> | undefined): void => {
      for (const action of listOf(actions))
        if (typeof action === 'function') hand(action.name, action)
        else context = { ...context, ...action.params({ context, event }) }
    }

    for (const { from, kept } of moves.toReversed())
      for (const { config, deadlines } of from.line.slice(kept).toReversed()) {
        run(config.exit)
        for (const { type } of deadlines)
          hand('xstate.cancel', () => defer(() => system.scheduler.cancel(self, type)), { sendId: type })
      }
    for (const { actions } of moves) run(actions)
    for (const { to, kept } of moves)
      for (const { config, deadlines } of to.line.slice(kept)) {
        run(config.entry)
        for (const { type, delay: name } of deadlines) {
          const passed = { type }
          const delay = delays[name]({ context, event })
          const schedule = (): void => system.scheduler.schedule(self, self, passed, delay, type)
          hand('xstate.raise', () => defer(schedule), { event: passed, id: type, delay })
        }
      }
    return {
      status: 'active',
      output: undefined,
      error: undefined,
      value: Object.assign({}, value, ...moves.map(({ to }) => stateValue(to.line.slice(1)))),
      context,
    }
  }

  return {
    getInitialSnapshot(scope, input) {
      const regions = Object.values(root.states)
      const moves = regions.map((region) => ({ from: root, to: initialLeaf(region), kept: 1 }))
      const event = { type: 'xstate.init', input } as EventObject as Event
      return step({ value: {}, context: chart.context({ input }) }, moves, event, scope)
    },
    transition(snapshot, event, scope) {
      const happening = { context: snapshot.context, event }
      const moves = leavesOf(root, snapshot.value).flatMap((leaf) => moveFrom(leaf, happening) ?? [])
      return moves.length ? step(snapshot, moves, event, scope) : snapshot
    },
    getPersistedSnapshot: (snapshot) => snapshot,
  }
}

function listOf<T>(several: Several<T> | undefined): readonly T[] {
  return [several ?? []].flat() as T[]
}

function transitionsIn<Context, Event>(
  transitions: Transitions<Context, Event> | undefined,
): readonly Transition<Context, Event>[] {
  return typeof transitions === 'string' ? [{ target: transitions }] : listOf(transitions)
}
