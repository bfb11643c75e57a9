import { describe, expect, it } from 'vitest'
import { formatOffset, formatTerm, type Item, type MessagesFrame, type WireGap } from '../protocol/index.ts'
import { type Delivery, Sequencer } from './sequencer.ts'

const A = formatTerm(1, 'a'.repeat(13))
const B = formatTerm(2, 'b'.repeat(13))
const Z = formatTerm(9, 'z'.repeat(13))

const at = (term: string, seq: number): string => formatOffset({ term, seq })
const item = (id: string, sender?: string): Item => ({ id, time: 1, data: id, ...(sender ? { sender } : {}) })
const lost = (term: string, from: number | null, to: number): Item => ({ lost: { term, from, to } })
const frame = (term: string, seq: number, items: Item[]): MessagesFrame => {
  const count = items.reduce((sum, one) => sum + ('skip' in one ? one.skip : 1), 0)
  return {
    type: 'messages',
    channel: 'c',
    term,
    seq,
    items,
    at: `${at(term, seq + count - 1)}.${'m'.repeat(16)}`,
  }
}
const gap = (
  reason: WireGap['reason'],
  term: string | null,
  from: number | null,
  to: number | null,
  resumeAt: string,
): WireGap => ({ reason, term, from, to, resumeAt })

/** Deliveries in short: ids, and gaps as `reason from-to`. */
/** What the application is told. */
const brief = (deliveries: readonly Delivery[]): string[] =>
  deliveries.flatMap((delivery) => {
    if (delivery.type === 'message') return delivery.isRepeat ? [] : [delivery.item.id]
    if (delivery.type === 'poison') return ['poison']
    const { news } = delivery
    return news ? [`${news.reason} ${news.from}-${news.to}`] : []
  })

function startedAt(term: string, seq: number): Sequencer {
  const sequencer = new Sequencer()
  sequencer.subscribed(at(term, seq), undefined)
  return sequencer
}

describe('Sequencer', () => {
  it('delivers consecutive items with their offsets', () => {
    const sequencer = startedAt(A, 4)
    const { deliveries, resync } = sequencer.messages(frame(A, 5, [item('x'), item('y')]))
    expect(brief(deliveries)).toEqual(['x', 'y'])
    expect(deliveries.map((delivery) => delivery.type === 'message' && delivery.offset)).toEqual([
      at(A, 5),
      at(A, 6),
    ])
    expect(resync).toBe(false)
    expect(sequencer.offset).toBe(at(A, 6))
  })

  it('drops what it has, also within a frame that overlaps', () => {
    const sequencer = startedAt(A, 4)
    sequencer.messages(frame(A, 5, [item('x'), item('y')]))
    expect(sequencer.messages(frame(A, 5, [item('x'), item('y')])).deliveries).toEqual([])
    expect(brief(sequencer.messages(frame(A, 6, [item('y'), item('z')])).deliveries)).toEqual(['z'])
  })

  it('asks to subscribe again at a hole and delivers nothing beyond it', () => {
    const sequencer = startedAt(A, 4)
    expect(sequencer.messages(frame(A, 6, [item('y')]))).toEqual({ deliveries: [], resync: true })
    expect(sequencer.offset).toBe(at(A, 4))
  })

  it('goes on in a new term without a gap when it begins where the old one ended', () => {
    const sequencer = startedAt(A, 4)
    expect(brief(sequencer.messages(frame(B, 5, [item('x')])).deliveries)).toEqual(['x'])
    expect(sequencer.resume.map((token) => token.slice(0, 36))).toEqual([at(B, 5), at(A, 4)])
  })

  it('subscribes again when a new term does not follow on', () => {
    expect(startedAt(A, 4).messages(frame(B, 4, [item('x')])).resync).toBe(true)
  })

  it('ignores frames of an older term', () => {
    expect(startedAt(B, 4).messages(frame(A, 5, [item('x')]))).toEqual({ deliveries: [], resync: false })
  })

  it('L3: tells a lost tail once, adopts resumeAt backwards and delivers the reused seqs', () => {
    const sequencer = startedAt(A, 100)
    const told = sequencer.gap(gap('lost-tail', A, 99, 100, at(A, 98)))
    expect(brief(told.deliveries)).toEqual(['lost-tail 99-100'])
    const after = sequencer.messages(frame(B, 99, [lost(A, 99, 100), item('x'), item('y')]))
    expect(brief(after.deliveries)).toEqual(['x', 'y'])
    expect(sequencer.offset).toBe(at(B, 101))
  })

  it('L3: tells a marker to who had not seen the lost messages, and only what is new of a second one', () => {
    const sequencer = startedAt(A, 98)
    expect(brief(sequencer.messages(frame(B, 99, [lost(A, 99, 100), item('x')])).deliveries)).toEqual([
      'lost-tail 99-100',
      'x',
    ])
    expect(brief(sequencer.messages(frame(B, 101, [lost(A, 101, 102)])).deliveries)).toEqual([
      'lost-tail 101-102',
    ])
    expect(brief(sequencer.messages(frame(B, 102, [lost(A, 101, 102)])).deliveries)).toEqual([])
  })

  it('keeps the claim of a lost tail, so that a resume states it again', () => {
    const sequencer = startedAt(A, 98)
    sequencer.messages(frame(A, 99, [item('x'), item('y')]))
    sequencer.gap(gap('lost-tail', A, 99, 100, at(A, 98)))
    expect(sequencer.resume).toEqual([`${at(A, 100)}.${'m'.repeat(16)}`])
    // Stated again, answered again: the application was told already.
    const again = sequencer.subscribed(at(A, 98), gap('lost-tail', A, 99, 100, at(A, 98)))
    expect(brief(again.deliveries)).toEqual([])
    expect(sequencer.offset).toBe(at(A, 98))
  })

  it('tells the loss of an unknown term, without its first seq', () => {
    const sequencer = startedAt(A, 60)
    expect(brief(sequencer.messages(frame(B, 61, [lost(Z, null, 70)])).deliveries)).toEqual([
      'lost-tail null-70',
    ])
  })

  it('drops a message that was delivered in another term, and only from the same sender', () => {
    const sequencer = startedAt(A, 4)
    sequencer.messages(frame(A, 5, [item('x', 'ann')]))
    sequencer.gap(gap('lost-tail', A, 5, 5, at(A, 4)))
    const { deliveries } = sequencer.messages(
      frame(B, 5, [lost(A, 5, 5), item('x', 'bob'), item('x', 'ann'), item('y')]),
    )
    expect(brief(deliveries)).toEqual(['x', 'y'])
    expect(deliveries.find(({ type }) => type === 'message')).toMatchObject({ item: { sender: 'bob' } })
  })

  it('drops what a reset makes the log send again, and takes a reused id further on as a new message', () => {
    const sequencer = startedAt(A, 4)
    sequencer.messages(frame(A, 5, [item('x'), item('y')]))
    sequencer.gap(gap('reset', null, null, null, at(A, 4)))
    expect(brief(sequencer.messages(frame(A, 5, [item('x'), item('y'), item('x')])).deliveries)).toEqual([
      'x',
    ])
  })

  it('remembers the last 1,000 identities, and at most twice as many', () => {
    for (let count = 1_000; count <= 3_000; count += 250) {
      const sequencer = startedAt(A, 0)
      for (let n = 1; n <= count; n++) sequencer.messages(frame(A, n, [item(`m${n}`)]))
      const [oldest, newest] = [`m${count - 999}`, `m${count}`]
      const items = count > 2_000 ? [item(oldest), item(newest), item('m1')] : [item(oldest), item(newest)]
      const ids = brief(sequencer.messages(frame(B, count + 1, items)).deliveries)
      expect(ids, `${count}`).toEqual(count > 2_000 ? ['m1'] : [])
    }
  })

  it('counts skipped seqs and surfaces poison', () => {
    const sequencer = startedAt(A, 0)
    const { deliveries } = sequencer.messages(
      frame(A, 1, [{ skip: 3 }, item('x'), { poison: '5' }, item('y')]),
    )
    expect(brief(deliveries)).toEqual(['x', 'poison', 'y'])
    expect(sequencer.offset).toBe(at(A, 6))
  })

  it('goes on from what was stored: position, told losses and identities', () => {
    const first = startedAt(A, 4)
    const kept = first.messages(frame(A, 5, [item('x')])).deliveries
    first.gap(gap('lost-tail', A, 6, 9, at(A, 5)))
    const second = new Sequencer()
    second.restore(
      first.record,
      kept.flatMap((delivery) => (delivery.type === 'message' ? [delivery] : [])),
    )
    expect(second.resume).toEqual(first.resume)
    expect(brief(second.messages(frame(B, 6, [lost(A, 6, 9), item('x'), item('y')])).deliveries)).toEqual([
      'y',
    ])
  })

  it('passes ephemeral frames through, without offsets', () => {
    const sequencer = new Sequencer()
    sequencer.subscribed(null, undefined)
    const { deliveries } = sequencer.messages({ type: 'messages', channel: 'c', items: [item('x')] })
    expect(deliveries).toMatchObject([{ type: 'message', offset: null }])
  })

  it.each([
    ['no-duplicate-filter', ['x', 'x']],
    ['no-id-filter', ['x', 'x']],
  ] as const)('mutant %s delivers twice', (mutant, expected) => {
    const sequencer = new Sequencer(new Set([mutant]))
    sequencer.subscribed(at(A, 0), undefined)
    const first = sequencer.messages(frame(A, 1, [item('x')])).deliveries
    const again = mutant === 'no-id-filter' ? frame(B, 2, [item('x')]) : frame(A, 1, [item('x')])
    expect(brief([...first, ...sequencer.messages(again).deliveries])).toEqual(expected)
  })
})
