/** XState's own machine as the judge of `statechart`: one walk through either, and all that could be seen of it. */
import {
  type AnyActorLogic,
  type AnyStateMachine,
  type AnyStateNode,
  type AnyTransitionDefinition,
  assign,
  createActor,
  createMachine,
  type EventObject,
  type ExecutableActionObject,
  getNextTransitions,
  type StateValue,
  transition,
} from 'xstate'
import { seededRandom } from '../testing/index.ts'
import type { Chart, ChartSnapshot, Delays } from './statechart.ts'

/** XState's machine of the very same chart. Of its dialect, only `assign` has to be told what it means. */
export function xstateMachine<Context, Event extends EventObject, Input, Delay extends string>(
  chart: Chart<Context, Event, Input, Delay>,
  delays: Delays<Context, Event, Delay>,
): AnyStateMachine {
  return createMachine(chart as never, {
    actions: { assign: assign((_, changes: object) => changes) },
    delays: delays as never,
  })
}

/** The types of the events with which XState reports the deadlines of the active states. */
export function deadlinesIn(machine: AnyStateMachine, value: StateValue): string[] {
  const types = getNextTransitions(machine.resolveState({ value, context: {} })).map(
    ({ eventType }) => eventType,
  )
  return [...new Set(types)].filter((type) => type.startsWith('xstate.after.'))
}

/** One step of the logic as a pure function: notes in the log what it hands to its actor, and lets the effects happen. */
export function stepFrom(
  logic: AnyActorLogic,
  { value, context }: Pick<ChartSnapshot<object>, 'value' | 'context'>,
  event: EventObject,
  log: string[],
): object {
  const machine = logic as Partial<AnyStateMachine>
  const before = machine.resolveState?.({ value, context }) ?? { value, context }
  const [after, actions] = transition(logic, before, event)
  for (const { type, info, params, exec } of actions as ExecutableActionObject[])
    if (type.startsWith('xstate.')) log.push(`${type} ${JSON.stringify(params)}`)
    else exec?.(info, params)
  return { value: after.value, context: after.context }
}

/** What a walk's chart is given to ask and to act upon. */
export interface Surroundings {
  /** Milliseconds that have passed. */
  now(): number
  /** The same on each walk of this seed, so long as it is asked for in the same order. */
  fraction(question: string): number
  /** Something was done. Now and then it makes events come at once, while the step is still under way. */
  done(what: string): void
}

/**
 * Walks at random and writes down, in their order, all questions, effects, timers, snapshots and steps of the actor:
 * two logics that mean the same write the same.
 */
export function walk<Event extends EventObject>(
  logic: AnyActorLogic,
  seed: number,
  steps: number,
  drawEvent: (pick: <T>(choices: readonly T[]) => T) => Event,
  inputFor: (surroundings: Surroundings) => unknown,
): string[] {
  const log: string[] = []
  const route = seededRandom(seed)
  const fate = seededRandom(~seed)
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(route.fraction() * choices.length)] as T
  let now = 0

  const timers = new Map<number, () => void>()
  let lastTimer = 0
  const clock = {
    setTimeout(callback: () => void, ms: number): number {
      timers.set(++lastTimer, callback)
      log.push(`timer ${lastTimer} in ${ms}`)
      return lastTimer
    },
    clearTimeout(timer: number): void {
      timers.delete(timer)
      log.push(`no timer ${timer}`)
    },
  }

  /** As an application or a socket would that reacts at once; not for ever. */
  let interferences = 0
  function interfere(): void {
    if (interferences > 3 || fate.fraction() > 0.15) return
    interferences++
    actor.send(drawEvent(pick))
  }
  const input = inputFor({
    now: () => {
      log.push('now?')
      return now
    },
    fraction(question) {
      log.push(`${question}?`)
      return fate.fraction()
    },
    done(what) {
      log.push(what)
      interfere()
    },
  })

  const actor = createActor(logic, {
    input,
    clock,
    inspect(inspected) {
      if (inspected.type === '@xstate.event') log.push(`event ${inspected.event.type}`)
      // Effects speak for themselves, and functions need no names.
      if (inspected.type === '@xstate.action' && inspected.action.type.startsWith('xstate.'))
        log.push(`${inspected.action.type} ${JSON.stringify(inspected.action.params)}`)
    },
  })
  let known: unknown
  actor.subscribe(({ value, context }) => {
    log.push(JSON.stringify(value))
    if (context !== known) log.push(JSON.stringify(context))
    known = context
    interfere()
  })
  actor.start()
  for (let step = 1; step <= steps; step++) {
    log.push(`step ${step}`)
    interferences = 0
    now += Math.floor(route.fraction() * 4_000)
    const timer = pick([...timers.keys(), null, null])
    const fire = timer === null ? null : timers.get(timer)
    if (timer === null || !fire) actor.send(drawEvent(pick))
    else {
      timers.delete(timer)
      fire()
    }
  }
  return log
}

/**
 * What the machine's chart says that `statechart` does not know, or would take otherwise than XState. The types refuse
 * most of it, but not in objects that come by way of a variable.
 */
export function unknownIn(machine: AnyStateMachine): string[] {
  return [machine.root, ...descendants(machine.root)].flatMap((node) => {
    const isRoot = node.path.length === 0
    const { config } = node
    const transitions = Object.values({ ...config.on, ...config.after }).flat()
    const targets = transitions.flatMap((each) => (typeof each === 'string' ? each : each?.target))
    const names = [node.key, config.id, config.initial, ...Object.keys({ ...config.on, ...config.after })]
    const faults = [
      ...strangers(config, isRoot ? ['id', 'type', 'context', 'states'] : STATE_KEYS),
      ...unlike(/^[A-Za-z_]\w*$/, names).map((name) => `the name ${name}`),
      ...unlike(/^#?\w+(\.\w+)*$/, targets).map((target) => `the target ${target}`),
      ...(isRoot && node.type !== 'parallel' ? ['a root that is not parallel'] : []),
      ...(node.path.length === 1 && node.type !== 'compound' ? ['a region without states'] : []),
      ...strangeActions([...[config.entry].flat(), ...[config.exit].flat()]),
      ...[...node.transitions.values()].flat().flatMap(strangeTransition),
    ]
    return faults.map((fault) => `${node.id}: ${fault}`)
  })
}

const STATE_KEYS = ['id', 'initial', 'states', 'entry', 'exit', 'on', 'after']
/** The last ones are XState's own. */
const TRANSITION_KEYS = [
  ...['guard', 'target', 'reenter', 'actions'],
  ...['source', 'eventType', 'toJSON', 'event', 'delay'],
]

function descendants(node: AnyStateNode): AnyStateNode[] {
  return Object.values(node.states).flatMap((child) => [child, ...descendants(child)])
}

function strangers(object: object, known: readonly string[]): string[] {
  return Object.keys(object).filter((key) => !known.includes(key))
}

function unlike(pattern: RegExp, names: readonly unknown[]): unknown[] {
  return names.filter((name) => name !== undefined && !(typeof name === 'string' && pattern.test(name)))
}

/** XState's own actions and guards are functions that carry what they are made of. */
function isPlain(value: unknown): boolean {
  return typeof value === 'function' && Object.keys(value).length === 0
}

function strangeActions(actions: readonly unknown[]): string[] {
  const isKnown = (action: unknown): boolean => {
    const { type, params, ...rest } = Object(action)
    return isPlain(action) || (type === 'assign' && isPlain(params) && Object.keys(rest).length === 0)
  }
  return actions.filter((action) => action !== undefined && !isKnown(action)).map(() => 'an unknown action')
}

function strangeTransition(transition: AnyTransitionDefinition): string[] {
  const { source, target = [], guard, reenter, actions } = transition
  const [region] = source.path
  // A transition of the region itself has to stay below it, or else all regions are left.
  const isInside = ({ path }: AnyStateNode): boolean =>
    path[0] === region && (source.path.length > 1 ? path.length > 1 : !reenter)
  return [
    ...strangers(transition, TRANSITION_KEYS),
    ...(target.length > 1 ? ['several targets'] : []),
    ...(target.every(isInside) ? [] : ['a target out of the region']),
    ...(guard === undefined || isPlain(guard) ? [] : ['an unknown guard']),
    ...strangeActions(actions),
  ]
}
