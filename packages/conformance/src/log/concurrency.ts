import type { AppendResult } from '@holdfast/server-kit'
import { expect } from 'vitest'
import { entriesOf, type LogCase } from './kit.ts'

export const concurrencyCases: readonly LogCase[] = [
  {
    title: 'appends asked for at once each get their own place, in the order of asking',
    async run(kit) {
      const results = await Promise.all(
        Array.from({ length: 200 }, (_, at) => kit.append(at % 2 ? 'odd' : 'even', [`m${at}`])),
      )
      for (const [at, result] of results.entries()) {
        expect(result).toMatchObject({ outcome: 'appended', first: { seq: Math.floor(at / 2) + 1 } })
      }
      expect((await kit.seen('odd'))[7]).toBe('8 m15')
    },
  },
  {
    row: 'L6',
    title: 'a message and its resends, asked for at once, are one entry',
    async run(kit) {
      const results = await Promise.all(Array.from({ length: 20 }, () => kit.append('c', ['m1'])))
      expect(results.filter(({ outcome }) => outcome === 'appended')).toHaveLength(1)
      expect(results.filter(({ outcome }) => outcome === 'duplicate')).toHaveLength(19)
      expect(await kit.seen('c')).toEqual(['1 m1'])
    },
  },
  {
    row: 'K4',
    title: 'of many appends with one ifTop exactly one is taken',
    async run(kit) {
      const ifTop = await kit.appended('c', ['m0'])
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, at) => kit.append('c', [`m${at + 1}`], { ifTop })),
      )
      const outcomes = results.map((result: AppendResult) =>
        'code' in result ? result.code : result.outcome,
      )
      expect(outcomes.filter((outcome) => outcome === 'appended')).toHaveLength(1)
      expect(outcomes.filter((outcome) => outcome === 'conflict')).toHaveLength(19)
    },
  },
  {
    title: 'a refused append of a group leaves the others as they are',
    async run(kit) {
      const results = await Promise.all([
        kit.append('c', ['m1']),
        kit.append('c', ['m2'], { ifTop: { term: kit.log.id, seq: 7 } }),
        kit.append('c', ['m3', 'm3']),
        kit.append('c', ['m4']),
      ])
      expect(results.map(({ outcome }) => outcome)).toEqual(['appended', 'refused', 'refused', 'appended'])
      expect(await kit.seen('c')).toEqual(['1 m1', '2 m4'])
    },
  },
  {
    title: 'readers between appends see a prefix, each entry once and in order',
    async run(kit) {
      const seen: string[] = []
      let position = { term: kit.log.id, seq: 0 }
      const appends: Promise<unknown>[] = []
      for (let at = 0; at < 120; at++) {
        appends.push(kit.append('c', [`m${at}`]))
        if (at % 4 !== 0) continue
        const page = await kit.read('c', { positions: [position] }, { limit: 3 })
        expect(page.gaps).toEqual([])
        seen.push(...entriesOf(page))
        position = page.end
      }
      await Promise.all(appends)
      seen.push(...(await kit.seen('c', { positions: [position] })))
      expect(seen).toEqual(Array.from({ length: 120 }, (_, at) => `${at + 1} m${at}`))
    },
  },
]
