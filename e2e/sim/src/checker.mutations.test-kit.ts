import { GAP_MUTATIONS } from './checker.gap-mutations.test-kit.ts'
import {
  at,
  drop,
  indices,
  insert,
  isLive,
  isPlaced,
  type Mutation,
  next,
  nextDelivered,
  type Of,
  readerOf,
  replace,
} from './checker.mutation.test-kit.ts'
import { CLEAN, ONE_LOSS, STORMY, TRIMMED } from './checker.test-kit.ts'
import type { History, HistoryEvent, Stored } from './history.ts'

const onDelivery = (
  name: string,
  rule: string,
  change: (event: Of<'delivered'>) => Partial<Of<'delivered'>>,
): Mutation => ({
  name,
  shape: STORMY,
  rules: [rule],
  targets: (history) => indices(history, 'delivered'),
  apply: (history, index) => {
    const event = at(history, index, 'delivered')
    return replace(history, index, { ...event, ...change(event) })
  },
})

const onAck = (
  name: string,
  rules: readonly string[],
  apply: (history: History, index: number, event: Of<'settled'>) => History,
): Mutation => ({
  name,
  shape: STORMY,
  rules,
  targets: (history) => indices(history, 'settled', (event) => event.outcome === 'acked'),
  apply: (history, index) => apply(history, index, at(history, index, 'settled')),
})

export const MUTATIONS: readonly Mutation[] = [
  ...GAP_MUTATIONS,
  {
    name: 'a delivery is left out before the next one of its term',
    shape: STORMY,
    rules: ['hole'],
    targets: (history) =>
      indices(history, 'delivered', ({ term }, index) => {
        const later = nextDelivered(history, index)
        return later !== null && at(history, later, 'delivered').term === term && isPlaced(history, index)
      }),
    apply: drop,
  },
  {
    name: 'the last message does not come',
    shape: TRIMMED,
    rules: ['liveness'],
    targets: (history) =>
      indices(
        history,
        'delivered',
        ({ reader }, index) =>
          next(history, index) === null && isLive(history, reader) && isPlaced(history, index),
      ),
    apply: drop,
  },
  {
    name: 'a delivery comes twice',
    shape: STORMY,
    rules: ['once'],
    targets: (history) => indices(history, 'delivered'),
    apply: (history, index) => insert(history, index, at(history, index, 'delivered')),
  },
  {
    name: 'a delivery comes again later',
    shape: CLEAN,
    rules: ['once'],
    targets: (history) => indices(history, 'delivered', (_, index) => nextDelivered(history, index) !== null),
    apply: (history, index) =>
      insert(history, (nextDelivered(history, index) as number) + 1, at(history, index, 'delivered')),
  },
  {
    name: 'two deliveries change places',
    shape: STORMY,
    rules: ['hole', 'order', 'phantom'],
    targets: (history) =>
      indices(history, 'delivered', ({ term }, index) => {
        const later = nextDelivered(history, index)
        return later !== null && at(history, later, 'delivered').term === term
      }),
    apply: (history, index) => {
      const later = nextDelivered(history, index) as number
      const swapped = replace(history, index, history[later] as HistoryEvent)
      return replace(swapped, later, history[index] as HistoryEvent)
    },
  },
  onDelivery('another body', 'integrity', ({ body }) => ({ body: `${body}!` })),
  onDelivery('another sender', 'integrity', ({ sender }) => ({ sender: `${sender}!` })),
  onDelivery('another id', 'integrity', ({ id }) => ({ id: `${id}!` })),
  onDelivery('a seq that was never written', 'phantom', ({ seq }) => ({ seq: seq + 1_000 })),
  {
    name: 'a store holds what was never stored',
    shape: STORMY,
    rules: ['phantom'],
    targets: (history) => indices(history, 'subscribed', ({ stored }) => (stored?.messages.length ?? 0) > 0),
    apply: (history, index) => {
      const event = at(history, index, 'subscribed')
      const stored = event.stored as Stored
      const [first, ...rest] = stored.messages
      const strange = { ...(first as Stored['messages'][number]), id: `${first?.id}!` }
      return replace(history, index, { ...event, stored: { ...stored, messages: [strange, ...rest] } })
    },
  },
  {
    name: 'a message that a page was given comes again on the next one',
    shape: STORMY,
    rules: ['once'],
    targets: (history) =>
      indices(history, 'delivered', ({ reader }, index) => heldBefore(history, index, reader) !== null),
    apply: (history, index) => {
      const { reader, at } = history[index] as Of<'delivered'>
      const again = history[heldBefore(history, index, reader) as number] as Of<'delivered'>
      return insert(history, index, { ...again, at, reader })
    },
  },
  {
    name: 'a rejected message is delivered',
    shape: CLEAN,
    rules: ['integrity', 'phantom'],
    targets: (history) =>
      indices(history, 'settled', (event) => event.outcome === 'rejected' && isLive(history, 'r1')),
    apply: (history, index) => {
      const { id, sender, channel, at } = history[index] as Of<'settled'>
      const reader = 'r1'
      const from = { term: 'x', seq: 1, source: 'live' }
      return insert(history, index + 1, {
        kind: 'delivered',
        at,
        reader,
        channel,
        id,
        sender,
        body: '',
        ...from,
      })
    },
  },
  {
    name: 'a delivery after the reader left',
    shape: STORMY,
    rules: ['ended'],
    targets: (history) => indices(history, 'delivered'),
    apply: (history, index) => {
      const { reader, at } = history[index] as Of<'delivered'>
      return insert(history, index, { kind: 'left', at, reader })
    },
  },
  {
    name: 'a marker is not written',
    shape: ONE_LOSS,
    rules: ['log-dense', 'marker-missing'],
    targets: (history) => indices(history, 'marked'),
    apply: drop,
  },
  {
    name: 'a marker announces too much',
    shape: ONE_LOSS,
    rules: ['marker-false'],
    targets: (history) => indices(history, 'marked', ({ lost }) => lost.from !== null && lost.from > 1),
    apply: (history, index) => {
      const event = at(history, index, 'marked')
      const lost = { ...event.lost, from: (event.lost.from ?? 0) - 1 }
      return replace(history, index, { ...event, lost })
    },
  },
  {
    name: 'a message is stored twice',
    shape: TRIMMED,
    rules: ['log-dedupe'],
    targets: (history) => indices(history, 'stored'),
    apply: (history, index) => {
      const event = at(history, index, 'stored')
      const last = history.findLast((each) => each.kind === 'stored') as Of<'stored'>
      return insert(history, history.length - 1, { ...event, term: last.term, seq: last.seq + 1 })
    },
  },
  {
    name: 'another body is stored',
    shape: STORMY,
    rules: ['log-body'],
    targets: (history) => indices(history, 'stored'),
    apply: (history, index) => replace(history, index, { ...at(history, index, 'stored'), body: 'other' }),
  },
  {
    name: 'a seq is left out',
    shape: STORMY,
    rules: ['log-dense'],
    targets: (history) =>
      indices(history, 'stored', (_, index) => {
        const rest = history.slice(index + 1)
        const later = rest.find((each) => ['stored', 'marked', 'lost', 'wiped'].includes(each.kind))
        return later?.kind === 'stored' || later?.kind === 'marked'
      }),
    apply: drop,
  },
  {
    name: 'the log goes on in the term that lost its end',
    shape: ONE_LOSS,
    rules: ['log-term', 'log-unique'],
    targets: (history) =>
      indices(
        history,
        'stored',
        (_, index) => history[index - 1]?.kind === 'publish' && lastLoss(history, index) !== null,
      ),
    apply: (history, index) =>
      replace(history, index, { ...at(history, index, 'stored'), term: lastLoss(history, index) as string }),
  },
  onAck('an ack with another seq', ['ack-position'], (history, index, event) =>
    replace(history, index, { ...event, seq: (event.seq ?? 0) + 1_000 }),
  ),
  onAck('an ack with a neighbour’s seq', ['ack-position'], (history, index, event) =>
    replace(history, index, { ...event, seq: event.seq === 1 ? 2 : (event.seq ?? 0) - 1 }),
  ),
  onAck('an ack without a position', ['ack-position'], (history, index, { term, seq, ...event }) =>
    replace(history, index, event),
  ),
  onAck('a publish that never settles', ['liveness'], drop),
  onAck('a publish that settles twice', ['settled-once'], (history, index, event) =>
    insert(history, index, event),
  ),
  onAck('a rejected message is stored', ['rejected-stored'], (history, index, { term, seq, ...event }) => {
    const stored = history.findIndex((each) => each.kind === 'stored' && each.id === event.id)
    return insert(drop(history, index), stored, { ...event, outcome: 'rejected', code: 'forbidden' })
  }),
  {
    name: 'a page’s messages are stored in another order',
    shape: CLEAN,
    rules: ['publish-order'],
    targets: (history) =>
      indices(
        history,
        'publish',
        ({ page }, index) =>
          history
            .slice(0, index)
            .some(
              (event) =>
                event.kind === 'publish' &&
                event.page === page &&
                page !== undefined &&
                wasStored(history, event.id),
            ) && wasStored(history, (history[index] as Of<'publish'>).id),
      ),
    apply: (history, index) => insert(drop(history, index), 0, at(history, index, 'publish')),
  },
]

/** The delivery of the last message that the reader's store held, where nothing was told to it since. */
function heldBefore(history: History, index: number, name: string): number | null {
  const own = readerOf(history, name)
  const last = own.stored?.messages.at(-1)
  const isTold = history.slice(0, index).some((event) => event.kind === 'gap' && event.reader === name)
  if (last === undefined || isTold) return null
  const given = history.findIndex(
    (event) => event.kind === 'delivered' && event.term === last.term && event.seq === last.seq,
  )
  return given < 0 ? null : given
}

const wasStored = (history: History, id: string): boolean =>
  history.some((event) => event.kind === 'stored' && event.id === id)

/** The term of the loss before, where that term has something left. */
function lastLoss(history: History, index: number): string | null {
  const loss = history.findLast((event, each) => each < index && event.kind === 'lost') as
    | Of<'lost'>
    | undefined
  return loss?.term ?? null
}
