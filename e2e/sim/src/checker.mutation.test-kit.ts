import type { Shape } from './checker.test-kit.ts'
import type { History, HistoryEvent } from './history.ts'

export type Of<K extends HistoryEvent['kind']> = Extract<HistoryEvent, { kind: K }>
type Kind = HistoryEvent['kind']

/**
 * One way to break a history. `targets` are the places where the broken history is surely wrong; a place where it may still
 * be right (a delivery that is dropped before a gap that would cover it, at the end of a reader that left, or from before
 * the first retained; a gap of a reader that left before the next message, which another range may explain too) is none. `rules` are those of which at least one has to be reported.
 */
export interface Mutation {
  readonly name: string
  readonly shape: Shape
  readonly rules: readonly string[]
  targets(history: History): number[]
  apply(history: History, target: number): History
}

export const indices = <K extends Kind>(
  history: History,
  kind: K,
  test: (event: Of<K>, index: number) => boolean = () => true,
): number[] =>
  history.flatMap((event, index) => (event.kind === kind && test(event as Of<K>, index) ? [index] : []))

export const at = <K extends Kind>(history: History, index: number, kind: K): Of<K> => {
  const event = history[index]
  if (event?.kind !== kind) throw new Error(`expected ${kind} at ${index}`)
  return event as Of<K>
}

export const replace = (history: History, index: number, ...events: HistoryEvent[]): History =>
  history.toSpliced(index, 1, ...events)

export const insert = (history: History, index: number, event: HistoryEvent): History =>
  history.toSpliced(index, 0, event)

/** The next thing that the same reader was given or told. */
export function next(
  history: History,
  index: number,
): { event: Of<'delivered' | 'gap'>; index: number } | null {
  const { reader } = history[index] as Of<'delivered' | 'gap'>
  for (let later = index + 1; later < history.length; later++) {
    const event = history[later] as HistoryEvent
    if ((event.kind === 'delivered' || event.kind === 'gap') && event.reader === reader)
      return { event, index: later }
  }
  return null
}

export const nextDelivered = (history: History, index: number): number | null => {
  const found = next(history, index)
  return found?.event.kind === 'delivered' ? found.index : null
}

export const readerOf = (history: History, name: string): Of<'subscribed'> =>
  history.find((event) => event.kind === 'subscribed' && event.reader === name) as Of<'subscribed'>

export const isLive = (history: History, name: string): boolean =>
  !history.some(
    (event) =>
      (event.kind === 'left' && event.reader === name) ||
      (event.kind === 'subscribed' && event.resumes === name),
  )

/** The reader has a position that the history names, so that what follows it is known. */
export const isPlaced = (history: History, index: number): boolean => {
  const { reader } = history[index] as Of<'delivered' | 'gap'>
  const isOwn = (event: HistoryEvent): boolean =>
    (event.kind === 'delivered' || event.kind === 'gap') && event.reader === reader
  return readerOf(history, reader).after !== null || history.slice(0, index).some(isOwn)
}

export const drop = (history: History, index: number): History => history.toSpliced(index, 1)
