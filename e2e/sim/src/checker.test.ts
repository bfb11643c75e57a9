import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MUTATIONS } from './checker.mutations.test-kit.ts'
import { Script } from './checker.script.test-kit.ts'
import { CLEAN, chance, correctHistory, ONE_LOSS, STORMY, TRIMMED } from './checker.test-kit.ts'
import { check } from './checker.ts'

describe('correct histories', () => {
  it.each(Object.entries({ STORMY, ONE_LOSS, TRIMMED, CLEAN }))('%s: no violation', (_, shape) => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        expect(check(correctHistory(seed, shape))).toEqual([])
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('broken histories', () => {
  it.each(MUTATIONS.map((mutation) => [mutation.name, mutation] as const))('%s', (_, mutation) => {
    let cases = 0
    for (let seed = 1; cases < 100 && seed < 20_000; seed++) {
      const history = correctHistory(seed, mutation.shape)
      const targets = mutation.targets(history)
      const target = targets[chance(seed).below(targets.length)]
      if (target === undefined) continue
      cases += 1
      const violations = check(mutation.apply(history, target))
      const rules = violations.map((violation) => violation.rule)
      expect(
        rules.some((rule) => mutation.rules.includes(rule)),
        `seed ${seed}, event ${target}: ${JSON.stringify(violations, null, 1)}`,
      ).toBe(true)
    }
    expect(cases).toBe(100)
  })
})

const OLD = '1-a'
const NEW = '2-b'
const GONE = '9-z'

/** The log of the design's section 10. */
function log(): Script {
  return new Script()
    .store(OLD, 1, 102)
    .lose(OLD, 99, 102)
    .mark(NEW, 99, { term: OLD, from: 99, to: 100 })
    .store(NEW, 100, 105)
    .trim(39)
}

const told = (script: Script): Script => script.gap('lost-tail', 99, 100, [NEW, 99]).give(NEW, 100, 105)

describe('the read rule in numbers', () => {
  const rows: [string, Script][] = [
    ['at the top', log().subscribe([NEW, 105])],
    ['within the current term', log().subscribe([NEW, 103]).give(NEW, 104, 105)],
    ['at the end of the old term', told(log().subscribe([OLD, 98]))],
    [
      'in the lost tail',
      log().subscribe([OLD, 100]).gap('lost-tail', 99, 100, [OLD, 98]).give(NEW, 100, 105),
    ],
    ['within the old term', told(log().subscribe([OLD, 50]).give(OLD, 51, 98))],
    [
      'before what is retained',
      told(log().subscribe([OLD, 20]).gap('retention', 21, 39, [OLD, 39]).give(OLD, 40, 98)),
    ],
    [
      'a second claim',
      log()
        .subscribe([NEW, 103])
        .give(NEW, 104, 105)
        .mark(NEW, 106, { term: OLD, from: 101, to: 102 })
        .gap('lost-tail', 101, 102, [NEW, 106]),
    ],
    [
      'a forgotten term, with an older one',
      forgotten()
        .lose(GONE, 61, 70)
        .give(OLD, 60, 60, 'r2')
        .store(NEW, 61, 62)
        .subscribe([OLD, 60], 'r3')
        .give(NEW, 61, 62, 'r3')
        .give(NEW, 61, 62, 'r2')
        .give(NEW, 61, 62)
        .mark(NEW, 63, { term: GONE, from: null, to: 70 })
        .gap('lost-tail', null, 70, [NEW, 63])
        .gap('lost-tail', null, 70, [NEW, 63], 'r2')
        .gap('lost-tail', null, 70, [NEW, 63], 'r3'),
    ],
    [
      'a forgotten term alone',
      forgotten()
        .lose(GONE, 61, 70)
        .trim(39)
        .store(NEW, 61, 62)
        .subscribe([GONE, 70], 'r4')
        .leave('r1')
        .leave('r2')
        .mark(NEW, 63, { term: GONE, from: null, to: 70 })
        .gap('reset', null, null, [OLD, 39], 'r4')
        .give(OLD, 40, 60, 'r4')
        .give(NEW, 61, 62, 'r4')
        .gap('lost-tail', null, 70, [NEW, 63], 'r4'),
    ],
    [
      'a lost message that is offered again',
      new Script()
        .subscribe(null)
        .store(OLD, 1, 4)
        .give(OLD, 1, 4)
        .lose(OLD, 3, 4)
        .mark(NEW, 3, { term: OLD, from: 3, to: 4 })
        .storeAgain(NEW, 4, [OLD, 4])
        .store(NEW, 5, 5)
        .gap('lost-tail', 3, 4, [OLD, 2])
        .give(NEW, 5, 5),
    ],
    [
      'clean restarts',
      new Script().subscribe(null).store(OLD, 1, 2).give(OLD, 1, 2).store(NEW, 3, 4).give(NEW, 3, 4),
    ],
  ]

  /** Term 9-z continued 1-a, was read, and is about to be lost. */
  function forgotten(): Script {
    return new Script()
      .store(OLD, 1, 60)
      .subscribe([OLD, 59])
      .subscribe([OLD, 59], 'r2')
      .give(OLD, 60, 60)
      .store(GONE, 61, 70)
      .give(GONE, 61, 70)
  }

  it.each(rows)('%s', (_, script) => {
    expect(check(script.end())).toEqual([])
  })
})

const rulesOf = (script: Script): string[] => [...new Set(check(script.end()).map(({ rule }) => rule))]

describe('what must be told', () => {
  it('passes by hand-made histories of retention, reset, a reload and a second sender of one id', () => {
    const retained = new Script().store(OLD, 1, 5).trim(3).subscribe(null).give(OLD, 4, 5)
    expect(rulesOf(retained)).toEqual([])
    const wiped = new Script().subscribe(null).store(OLD, 1, 2).give(OLD, 1, 2).wipe()
    expect(rulesOf(wiped.store(NEW, 1, 1).gap('reset', null, null, ['0-log', 0]).give(NEW, 1, 1))).toEqual([])
    const reload = new Script().subscribe(null).store(OLD, 1, 4).give(OLD, 1, 2)
    expect(rulesOf(reload.subscribe([OLD, 2], 'r2', 'r1').give(OLD, 3, 4, 'r2'))).toEqual([])
  })

  it('knows that a reload must not bring what was handled, and must bring what was not', () => {
    const reload = (): Script =>
      new Script().subscribe(null).store(OLD, 1, 4).give(OLD, 1, 3).subscribe([OLD, 2], 'r2', 'r1')
    expect(rulesOf(reload().give(OLD, 3, 4, 'r2'))).toEqual([])
    expect(rulesOf(reload().give(OLD, 2, 4, 'r2'))).toEqual(['once'])
    expect(rulesOf(reload().give(OLD, 4, 4, 'r2'))).toEqual(['hole'])
  })

  it('sees a message again after its loss, where the reader had it', () => {
    const again = new Script().subscribe(null).store(OLD, 1, 4).give(OLD, 1, 4).lose(OLD, 3, 4)
    again.mark(NEW, 3, { term: OLD, from: 3, to: 4 }).storeAgain(NEW, 4, [OLD, 4])
    again.gap('lost-tail', 3, 4, [OLD, 2]).giveAgain(NEW, 4, [OLD, 4])
    expect(rulesOf(again)).toEqual(['once'])
  })

  it('sees that nobody announced a loss that a reader knew of', () => {
    const silent = new Script().subscribe(null).store(OLD, 1, 4).give(OLD, 1, 4).lose(OLD, 3, 4)
    silent.store(NEW, 3, 3).gap('lost-tail', 3, 4, [OLD, 2]).give(NEW, 3, 3)
    expect(rulesOf(silent)).toEqual(['marker-missing'])
  })

  it('sees that a reader which never had the lost messages was not told of them', () => {
    expect(rulesOf(log().subscribe([OLD, 98]).give(NEW, 100, 105))).toEqual(['hole'])
    expect(rulesOf(log().subscribe([NEW, 105]))).toEqual([])
    expect(rulesOf(log().subscribe([NEW, 105]).gap('lost-tail', 99, 101, [NEW, 105]))).toEqual(['gap-range'])
  })

  it('sees a delivery of a lineage that the reader is past', () => {
    const late = new Script()
      .subscribe(null)
      .store(OLD, 1, 3)
      .give(OLD, 1, 2)
      .lose(OLD, 3, 3)
      .store(NEW, 3, 3)
    expect(rulesOf(late.give(NEW, 3, 3).give(OLD, 3, 3))).toContain('order')
  })

  it('sees a wipe without a reset', () => {
    const wiped = new Script().subscribe(null).store(OLD, 1, 2).give(OLD, 1, 2).wipe().store(NEW, 1, 3)
    expect(rulesOf(wiped.give(NEW, 1, 3))).toContain('loss-untold')
  })

  it('sees a delivery of what a gap said is gone, and a position that is written twice', () => {
    const gone = new Script().subscribe(null).store(OLD, 1, 1).give(OLD, 1, 1).store(OLD, 2, 4).trim(3)
    expect(rulesOf(gone.gap('retention', 2, 3, [OLD, 3]).give(OLD, 2, 4))).toContain('told-gone')
    expect(rulesOf(new Script().store(OLD, 1, 2).store(NEW, 3, 3).store(OLD, 2, 2))).toContain('log-unique')
  })

  it('lets the publishes of a page that ended stay open', () => {
    const open = new Script().publish('m', 'page')
    expect(rulesOf(open)).toEqual(['liveness'])
    expect(rulesOf(new Script().publish('m', 'page').pageEnded('page'))).toEqual([])
  })

  it('names the reader, the channel, the place and what was expected', () => {
    const [violation] = check(log().subscribe([NEW, 103]).give(NEW, 105, 105).end())
    expect(violation?.text).toBe(
      'reader r1, channel room, (2-b, 105) 2-b/105, after (2-b, 103): expected before it (2-b, 104) 2-b/104',
    )
  })
})
