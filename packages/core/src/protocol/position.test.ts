import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatOffset,
  formatTerm,
  isAtOrBefore,
  isTerm,
  parseOffset,
  samePosition,
  termCounter,
} from './position.ts'

const base36 = fc.constantFrom(...'0123456789abcdefghijklmnopqrstuvwxyz')
const lineage = fc.string({ unit: base36, minLength: 13, maxLength: 13 })
const counter = fc.integer({ min: 0, max: 36 ** 6 - 1 })
const seq = fc.maxSafeNat()
const mac = fc.string({ unit: fc.constantFrom(...'AZaz09-_'), minLength: 16, maxLength: 16 })

describe('terms', () => {
  it('hold their counter and sort by it', () => {
    fc.assert(
      fc.property(counter, counter, lineage, lineage, (a, b, x, y) => {
        const [first, second] = [formatTerm(a, x), formatTerm(b, y)]
        expect(isTerm(first)).toBe(true)
        expect(termCounter(first)).toBe(a)
        if (a !== b) expect(first < second).toBe(a < b)
      }),
    )
  })
})

describe('offsets', () => {
  it('are read as they were written, signed or not', () => {
    fc.assert(
      fc.property(seq, counter, lineage, fc.option(mac), (seq, counter, lineage, mac) => {
        const position = { seq, term: formatTerm(counter, lineage) }
        const token = formatOffset(position) + (mac === null ? '' : `.${mac}`)
        expect(parseOffset(token)).toEqual({ ...position, mac })
      }),
    )
  })

  it('sort as text within one term', () => {
    fc.assert(
      fc.property(seq, seq, (a, b) => {
        const term = formatTerm(1, 'a'.repeat(13))
        const isBefore = formatOffset({ term, seq: a }) < formatOffset({ term, seq: b })
        expect(isBefore).toBe(a < b)
      }),
    )
  })

  it('are refused in any other form', () => {
    const term = '000001aaaaaaaaaaaaa'
    const good = `0000000000000105_${term}`
    const bad = [
      '',
      `105_${term}`,
      good.toUpperCase(),
      ` ${good}`,
      `${good}\n`,
      `${good}.`,
      `${good}.short`,
      `${good}.Zk3vQ0x8a1LrT9cWx`,
      `${good}.Zk3vQ0x8a1LrT9c=`,
      `9007199254740992_${term}`,
      `-000000000000105_${term}`,
    ]
    expect(bad.filter((token) => parseOffset(token) !== null)).toEqual([])
    expect(parseOffset(good)).toEqual({ seq: 105, term, mac: null })
    fc.assert(fc.property(fc.string(), (text) => parseOffset(text) === null))
  })

  it('stand at or before another by term first', () => {
    const [older, newer] = [formatTerm(1, 'b'.repeat(13)), formatTerm(2, 'a'.repeat(13))]
    const at = (seq: number, term = older): { term: string; seq: number } => ({ term, seq })
    expect([isAtOrBefore(at(1), at(2)), isAtOrBefore(at(2), at(2)), isAtOrBefore(at(3), at(2))]).toEqual([
      true,
      true,
      false,
    ])
    expect([isAtOrBefore(at(9), at(1, newer)), isAtOrBefore(at(1, newer), at(9))]).toEqual([true, false])
  })

  it('are the same place when term and seq are equal', () => {
    const [a, b] = [formatTerm(1, 'a'.repeat(13)), formatTerm(1, 'b'.repeat(13))]
    expect(samePosition({ term: a, seq: 1 }, { term: a, seq: 1 })).toBe(true)
    expect(samePosition({ term: a, seq: 1 }, { term: b, seq: 1 })).toBe(false)
    expect(samePosition({ term: a, seq: 1 }, { term: a, seq: 2 })).toBe(false)
  })
})
