import { describe, expect, it } from 'vitest'
import { Script } from './checker.script.test-kit.ts'
import { check } from './checker.ts'

const OLD = '1-a'
const NEW = '2-b'

const rulesOf = (script: Script): string[] => [...new Set(check(script.end()).map(({ rule }) => rule))]

describe('what readers of one tab know of each other, and of the log they were in', () => {
  it('sees that of two readers in a tab only one was told', () => {
    const lost = new Script().subscribe(null).store(OLD, 1, 4).give(OLD, 1, 2).join([OLD, 2], 'r2', 'r1')
    lost.give(OLD, 3, 4).give(OLD, 3, 4, 'r2').lose(OLD, 3, 4)
    lost.mark(NEW, 3, { term: OLD, from: 3, to: 4 }).store(NEW, 4, 4)
    lost.gap('lost-tail', 3, 4, [OLD, 2]).give(NEW, 4, 4)
    expect(rulesOf(lost.give(NEW, 4, 4, 'r2'))).toEqual(['hole', 'loss-untold'])
  })

  it('knows what each of two readers in a tab is told where the log has lost all of their term', () => {
    const lost = new Script().subscribe(null).store(OLD, 1, 4).give(OLD, 1, 2).join([OLD, 2], 'r2', 'r1')
    lost.give(OLD, 3, 4).give(OLD, 3, 4, 'r2').lose(OLD, 1, 4).store(NEW, 1, 3).trim(2)
    lost.mark(NEW, 4, { term: OLD, from: null, to: 4 })
    for (const reader of ['r1', 'r2']) lost.gap('retention', 1, 2, [NEW, 2], reader)
    for (const reader of ['r1', 'r2'])
      lost.give(NEW, 3, 3, reader).gap('lost-tail', null, 4, [NEW, 4], reader)
    expect(rulesOf(lost)).toEqual([])
  })

  it('tells the place before the first entry of a log from that of the log before it', () => {
    const reload = (place: string): Script =>
      new Script().subscribe(null).wipe('0-first').subscribe([place, 0], 'r2', 'r1')
    const told = (script: Script): Script => script.gap('reset', null, null, ['0-second', 0], 'r2')
    expect(rulesOf(told(reload('0-first')))).toEqual([])
    const after = new Script().wipe('0-first').subscribe(null).subscribe(['0-second', 0], 'r2', 'r1')
    expect(rulesOf(told(after))).toEqual(['false-gap'])
    expect(rulesOf(reload('0-first').store(NEW, 1, 2).give(NEW, 1, 2, 'r2'))).toEqual(['loss-untold'])
  })

  it('sees a marker that is written again only where it is news', () => {
    const THIRD = '3-c'
    const again = (after: readonly [string, number]): Script =>
      new Script()
        .store(OLD, 1, 4)
        .lose(OLD, 3, 4)
        .mark(NEW, 3, { term: OLD, from: 3, to: 4 })
        .store(NEW, 4, 5)
        .subscribe(after)
        .lose(NEW, 3, 5)
        .mark(THIRD, 3, { term: NEW, from: null, to: 5 })
        .mark(THIRD, 4, { term: OLD, from: 3, to: 4 })
        .store(THIRD, 5, 5)
        .gap('lost-tail', null, 5, [THIRD, 3])
        .give(THIRD, 5, 5)
    expect(rulesOf(again([NEW, 5]))).toEqual([])
    expect(rulesOf(again([NEW, 3]))).toEqual([])
    expect(rulesOf(again([OLD, 2]))).toEqual(['hole'])
  })

  it('takes what is left of a loss with the place where the whole of it begins', () => {
    const lost = (): Script =>
      new Script()
        .subscribe(null)
        .store(OLD, 1, 5)
        .give(OLD, 1, 5)
        .lose(OLD, 4, 5)
        .mark(NEW, 4, { term: OLD, from: 4, to: 4 })
        .mark(NEW, 5, { term: OLD, from: 5, to: 5 })
        .gap('lost-tail', 4, 5, [OLD, 3])
        .join([OLD, 3], 'r2', 'r1')
        .leave('r1')
        .lose(NEW, 4, 5)
        .lose(OLD, 3, 3)
        .mark('3-c', 3, { term: OLD, from: 3, to: 4 })
        .mark('3-c', 4, { term: OLD, from: 5, to: 5 })
    expect(rulesOf(lost().gap('lost-tail', 3, 5, [OLD, 2], 'r2'))).toEqual([])
    const first = (): Script => lost().gap('lost-tail', 3, 3, [OLD, 2], 'r2')
    expect(rulesOf(first().gap('lost-tail', 4, 5, [OLD, 2], 'r2'))).toEqual([])
    expect(rulesOf(first().gap('lost-tail', 4, 5, [OLD, 1], 'r2'))).toContain('gap-range')
    expect(rulesOf(first().gap('lost-tail', 4, 5, [OLD, 4], 'r2'))).toContain('gap-range')
    expect(rulesOf(lost().gap('lost-tail', 4, 5, [OLD, 2], 'r2'))).toContain('gap-range')
  })

  it('takes a loss together with one that was announced before the offset', () => {
    const lost = (from: number): Script =>
      new Script()
        .subscribe(null)
        .store(OLD, 1, 5)
        .give(OLD, 1, 4)
        .lose(OLD, 5, 5)
        .mark(NEW, 5, { term: OLD, from: 5, to: 5 })
        .gap('lost-tail', 5, 5, [NEW, 5])
        .join([NEW, 5], 'r2', 'r1')
        .leave('r1')
        .lose(NEW, 5, 5)
        .lose(OLD, 4, 4)
        .mark('3-c', 4, { term: NEW, from: null, to: 5 })
        .mark('3-c', 5, { term: OLD, from: 4, to: 4 })
        .mark('3-c', 6, { term: OLD, from: 5, to: 5 })
        .gap('lost-tail', from, 5, [OLD, from - 1], 'r2')
        .gap('lost-tail', null, 5, ['3-c', 4], 'r2')
    expect(rulesOf(lost(4))).toEqual([])
    expect(rulesOf(lost(3))).toContain('false-gap')
  })

  it('lets a reader pass what its store holds and the log stored again, and nothing else', () => {
    const again = (held?: number[]): Script =>
      new Script()
        .subscribe(null)
        .store(OLD, 1, 3)
        .leave('r1')
        .lose(OLD, 3, 3)
        .mark(NEW, 3, { term: OLD, from: 3, to: 3 })
        .storeAgain(NEW, 4, [OLD, 3])
        .store(NEW, 5, 5)
        .subscribe([OLD, 3], 'r2', 'r1', held)
        .gap('lost-tail', 3, 3, [OLD, 2], 'r2')
    expect(rulesOf(again([1, 2, 3]).give(NEW, 5, 5, 'r2'))).toEqual([])
    expect(rulesOf(again([1, 2, 3]).giveAgain(NEW, 4, [OLD, 3], 'r2').give(NEW, 5, 5, 'r2'))).toEqual([
      'once',
    ])
    expect(rulesOf(again([1, 2]).give(NEW, 5, 5, 'r2'))).toEqual(['hole'])
    expect(rulesOf(again().give(NEW, 5, 5, 'r2'))).toEqual(['hole'])
    const strange = new Script().store(OLD, 1, 2).subscribe(null).subscribe([OLD, 2], 'r2', 'r1', [1, 2, 3])
    expect(rulesOf(strange)).toEqual(['phantom'])
  })

  it('lets a reader pass what its tab was given and the log stored again, unless it asks for everything', () => {
    const again = (begin: (script: Script) => Script, from: number): Script =>
      begin(new Script().subscribe(null).store(OLD, 1, 4).give(OLD, 1, 4))
        .leave('r1')
        .give(OLD, from, 2, 'r2')
        .lose(OLD, 3, 4)
        .mark(NEW, 3, { term: OLD, from: 3, to: 4 })
        .storeAgain(NEW, 4, [OLD, 4])
        .store(NEW, 5, 5)
        .gap('lost-tail', 3, 4, [NEW, 3], 'r2')
        .give(NEW, 5, 5, 'r2')
    expect(rulesOf(again((script) => script.join([OLD, 2], 'r2', 'r1'), 3))).toEqual([])
    expect(rulesOf(again((script) => script.subscribe([OLD, 2], 'r2'), 3))).toEqual(['hole'])
    expect(rulesOf(again((script) => script.join(null, 'r2', 'r1'), 1))).toEqual(['hole'])
  })

  it('lets a reader pass what its client had stored before its offset, in another term, and nothing else', () => {
    const again = (stored: number[]): Script =>
      new Script()
        .store(OLD, 1, 3)
        .lose(OLD, 3, 3)
        .mark(NEW, 3, { term: OLD, from: 3, to: 3 })
        .subscribe(null)
        .give(OLD, 1, 2)
        .gap('lost-tail', 3, 3, [NEW, 3])
        .join([NEW, 3], 'r2', 'r1', [], [OLD, stored])
        .leave('r1')
        .storeAgain(NEW, 4, [OLD, 3])
        .store(NEW, 5, 5)
        .give(NEW, 5, 5, 'r2')
    expect(rulesOf(again([1, 2, 3]))).toEqual([])
    expect(rulesOf(again([1, 2]))).toEqual(['hole'])
  })

  it('takes a loss as far as the client had come while nobody read', () => {
    const lost = (reach: number, to: number): Script =>
      new Script()
        .subscribe(null)
        .store(OLD, 1, 6)
        .give(OLD, 1, 3)
        .leave('r1')
        .lose(OLD, 4, 6)
        .mark(NEW, 4, { term: OLD, from: 4, to: 4 })
        .mark(NEW, 5, { term: OLD, from: 5, to: 5 })
        .mark(NEW, 6, { term: OLD, from: 6, to: 6 })
        .join([OLD, 3], 'r2', 'r1', [[OLD, reach]])
        .gap('lost-tail', 4, to, [OLD, 3], 'r2')
    expect(rulesOf(lost(6, 6))).toEqual([])
    expect(rulesOf(lost(5, 6))).toContain('gap-range')
    expect(rulesOf(lost(3, 6))).toContain('gap-range')
  })

  it('knows that a store keeps what any reader of the page was told', () => {
    const stored = (held?: number[]): Script =>
      new Script()
        .subscribe(null)
        .store(OLD, 1, 4)
        .give(OLD, 1, 4)
        .lose(OLD, 3, 4)
        .mark(NEW, 3, { term: OLD, from: 3, to: 4 })
        .gap('lost-tail', 3, 4, [OLD, 2])
        .join(null, 'r2', 'r1')
        .leave('r2')
        .subscribe([OLD, 2], 'r3', 'r2', held)
        .store(NEW, 4, 4)
        .give(NEW, 4, 4, 'r3')
        .give(NEW, 4, 4)
    expect(rulesOf(stored([1, 2, 3, 4]))).toEqual([])
    expect(rulesOf(stored())).toEqual(['hole'])
  })

  it('takes what comes late from a log that was wiped meanwhile as what it is', () => {
    const late = new Script()
      .wipe('0-first')
      .subscribe(['0-first', 0])
      .gap('reset', null, null, ['0-second', 0])
    late.store(OLD, 1, 2).wipe('0-second').give(OLD, 1, 2).store(NEW, 1, 1)
    expect(rulesOf(late.gap('reset', null, null, ['0-third', 0]).give(NEW, 1, 1))).toEqual([])
  })

  it('expects no reset of a page that goes on from one that was there when the log was empty', () => {
    const reload = (from: number): Script =>
      new Script()
        .subscribe(null)
        .wipe('0-first')
        .store(OLD, 1, 3)
        .trim(from - 1)
        .give(OLD, from, 3)
        .lose(OLD, 1, 3)
        .store(NEW, 1, 1)
        .subscribe([OLD, 3], 'r2', 'r1')
        .give(NEW, 1, 1, 'r2')
        .mark(NEW, 2, { term: OLD, from: null, to: 3 })
        .gap('lost-tail', null, 3, [NEW, 2], 'r2')
    expect(rulesOf(reload(1))).toEqual([])
    expect(rulesOf(reload(2))).toEqual(['loss-untold'])
  })
})
