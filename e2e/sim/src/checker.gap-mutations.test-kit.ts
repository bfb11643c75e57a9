import {
  at,
  drop,
  indices,
  insert,
  isLive,
  isPlaced,
  type Mutation,
  nextDelivered,
  type Of,
  readerOf,
  replace,
} from './checker.mutation.test-kit.ts'
import { CLEAN, ONE_LOSS, type Shape, STORMY, TRIMMED } from './checker.test-kit.ts'
import type { History, HistoryEvent } from './history.ts'

/** A gap that was told for a reader's own lost messages: reading goes back to before them. */
const ownLosses = (history: History): number[] =>
  indices(history, 'gap', (gap, index) => {
    const { resumeAt, reader } = gap
    if (gap.reason !== 'lost-tail' || resumeAt === null || resumeAt.seq + 1 !== gap.from) return false
    return history
      .slice(0, index)
      .some(
        (event) =>
          event.kind === 'delivered' &&
          event.reader === reader &&
          event.term === resumeAt.term &&
          event.seq === gap.to,
      )
  })

/** A gap that was told for a marker, to a reader that nobody had told before. */
const markerLosses = (history: History): number[] =>
  indices(history, 'gap', (gap, index) => {
    const isMarker = history.some(
      (event) =>
        event.kind === 'marked' && event.term === gap.resumeAt?.term && event.seq === gap.resumeAt.seq,
    )
    const isFirst = !history
      .slice(0, index)
      .some((event) => event.kind === 'gap' && event.reader === gap.reader)
    return gap.reason === 'lost-tail' && isMarker && isFirst && readerOf(history, gap.reader).resumes === null
  })

const retentions = (history: History): number[] =>
  indices(history, 'gap', (gap, index) => gap.reason === 'retention' && isPlaced(history, index))

/** The reset that a wipe makes a reader be told that had been given or told something before. */
const resetsOfWipes = (history: History): number[] =>
  indices(history, 'gap', (gap, index) => {
    const isOwn = (event: HistoryEvent): boolean =>
      (event.kind === 'delivered' || event.kind === 'gap') && event.reader === gap.reader
    const last = history.findLastIndex((event, each) => each < index && isOwn(event))
    const wipe = history.findLastIndex((event, each) => each < index && event.kind === 'wiped')
    return gap.reason === 'reset' && last >= 0 && last < wipe
  })

const beforeDelivery = (history: History, targets: number[]): number[] =>
  targets.filter((index) => nextDelivered(history, index) !== null)

const afterNext = (history: History, index: number): History => {
  const later = nextDelivered(history, index) as number
  return insert(drop(history, index), later, history[index] as HistoryEvent)
}

const GAP_RULES = ['gap-range', 'false-gap']
const HOLE_RULES = ['hole', 'loss-untold', 'order']

function gapMutations(name: string, shape: Shape, targets: (history: History) => number[]): Mutation[] {
  const change = (what: string, by: (gap: Of<'gap'>) => Partial<Of<'gap'>>): Mutation => ({
    name: `${what} of a gap ${name}`,
    shape,
    rules: [...GAP_RULES, ...HOLE_RULES, 'gap-twice', 'liveness'],
    targets: (history) =>
      targets(history).filter((index) => {
        const gap = at(history, index, 'gap')
        const isFollowed = isLive(history, gap.reader) || nextDelivered(history, index) !== null
        return isFollowed && gap.from !== null && gap.to !== null && gap.from < gap.to
      }),
    apply: (history, index) => {
      const gap = at(history, index, 'gap')
      return replace(history, index, { ...gap, ...by(gap) })
    },
  })
  return [
    {
      name: `a gap ${name} is not told`,
      shape,
      rules: HOLE_RULES,
      targets: (history) => beforeDelivery(history, targets(history)),
      apply: drop,
    },
    {
      name: `a gap ${name} is told after the next message`,
      shape,
      rules: [...HOLE_RULES, ...GAP_RULES],
      targets: (history) => beforeDelivery(history, targets(history)),
      apply: afterNext,
    },
    change('a later end', ({ to }) => ({ to: (to ?? 0) + 1 })),
    change('an earlier end', ({ to }) => ({ to: (to ?? 0) - 1 })),
    change('a later start', ({ from }) => ({ from: (from ?? 0) + 1 })),
    change('an earlier start', ({ from }) => ({ from: (from ?? 0) - 1 })),
    {
      name: `a gap ${name} is told twice`,
      shape,
      rules: ['gap-twice', ...GAP_RULES],
      targets,
      apply: (history, index) => insert(history, index, at(history, index, 'gap')),
    },
  ]
}

function falseGap(reason: string, range: (seq: number) => [number | null, number | null, number]): Mutation {
  return {
    name: `a false gap ${reason}`,
    shape: CLEAN,
    rules: GAP_RULES,
    targets: (history) => indices(history, 'delivered'),
    apply: (history, index) => {
      const { reader, channel, term, seq, at } = history[index] as Of<'delivered'>
      const [from, to, resume] = range(seq)
      const resumeAt = { term, seq: resume }
      return insert(history, index + 1, { kind: 'gap', at, reader, channel, reason, from, to, resumeAt })
    },
  }
}

export const GAP_MUTATIONS: readonly Mutation[] = [
  ...gapMutations('lost-tail by the own position', ONE_LOSS, ownLosses),
  ...gapMutations('lost-tail by a marker', ONE_LOSS, markerLosses),
  ...gapMutations('retention', TRIMMED, retentions),
  {
    name: 'a reset is not told',
    shape: STORMY,
    rules: HOLE_RULES,
    targets: (history) => beforeDelivery(history, resetsOfWipes(history)),
    apply: drop,
  },
  falseGap('retention', (seq) => [seq, seq, seq]),
  falseGap('lost-tail', (seq) => [seq, seq, seq - 1]),
  falseGap('reset', () => [null, null, 0]),
  falseGap('not-kept', (seq) => [null, null, seq]),
  falseGap('storage-lost', (seq) => [null, null, seq]),
]
