import { formatTerm, termCounter } from '@holdfast/core/protocol'
import { expect } from 'vitest'
import { ids, type LogCase, messages } from './kit.ts'

const foreign = (counter: number): string => formatTerm(counter, 'f'.repeat(13))

export const claimCases: readonly LogCase[] = [
  {
    row: 'L4',
    title: 'a tail that a rollback took is told to everyone, also who never saw it',
    needs: 'rollback',
    async run(kit) {
      const kept = await kit.appended('c', ids(1, 5))
      await kit.harness.mark()
      const lost = await kit.appended('c', ids(6, 9))
      await kit.harness.rollback()
      await kit.appended('c', ['n1'], { claims: [{ term: lost.term, seq: 8 }] })
      expect(await kit.resumed('c', [kept])).toEqual(['6 lost 6-8', '7 n1'])
      expect(await kit.resumed('c', [lost])).toEqual(['lost-tail 6-9 then 5', '6 lost 6-8', '7 n1'])
    },
  },
  {
    row: 'L4',
    title: 'a channel that lost everything: reset for its readers, the unknown term marked once',
    needs: 'rollback',
    async run(kit) {
      await kit.harness.mark()
      const lost = await kit.appended('c', ids(1, 5))
      await kit.harness.rollback()
      expect(await kit.resumed('c', [lost], [lost])).toEqual(['reset ? then 0', '1 lost ?-5'])
      expect(await kit.resumed('c', [lost], [lost])).toEqual(['reset ? then 0', '1 lost ?-5'])
      expect((await kit.appended('c', ['n1'], { claims: [lost] })).seq).toBe(2)
      await kit.append('c', [], { claims: [{ ...lost, seq: 7 }] })
      expect(await kit.seen('c')).toEqual(['1 lost ?-5', '2 n1', '3 lost ?-7'])
    },
  },
  {
    title: 'a marker lost in another rollback is written again by the next claim',
    needs: 'rollback',
    async run(kit) {
      await kit.appended('c', ids(1, 3))
      await kit.harness.mark()
      const lost = await kit.appended('c', ids(4, 6))
      await kit.harness.rollback()
      await kit.harness.mark()
      await kit.appended('c', ['n1'], { claims: [lost] })
      expect(await kit.seen('c')).toEqual([...messages(1, 3), '4 lost 4-6', '5 n1'])
      await kit.harness.rollback()
      expect(await kit.seen('c')).toEqual(messages(1, 3))
      await kit.appended('c', ['n2'], { claims: [lost] })
      expect(await kit.seen('c')).toEqual([...messages(1, 3), '4 lost 4-6', '5 n2'])
    },
  },
  {
    title: 'no (term, seq) is used for two entries, however often the tail is lost',
    needs: 'rollback',
    async run(kit) {
      const used = new Map<string, string>()
      await kit.appended('c', ['m0'])
      for (let round = 0; round < 12; round++) {
        if (round % 2 === 0) await kit.harness.mark()
        const { term, seq } = await kit.appended('c', [`r${round}`])
        expect(used.get(`${term} ${seq}`)).toBe(undefined)
        used.set(`${term} ${seq}`, `r${round}`)
        if (round % 2 === 0) await kit.harness.rollback()
      }
    },
  },
  {
    title: 'claims within what is there write nothing',
    needs: 'restart',
    async run(kit) {
      const first = await kit.appended('c', ids(1, 3))
      await kit.harness.restart()
      const second = await kit.appended('c', ids(4, 5), { claims: [first] })
      await kit.appended('c', ['m6'], { claims: [first, second, { ...first, seq: 1 }] })
      expect(await kit.seen('c')).toEqual(messages(1, 6))
    },
  },
  {
    title: 'a claim above the top of the current term writes nothing',
    async run(kit) {
      const { term } = await kit.appended('c', ids(1, 3))
      await kit.appended('c', ['m4'], { claims: [{ term, seq: 50 }] })
      expect(await kit.seen('c')).toEqual(messages(1, 4))
    },
  },
  {
    title: "a claim of the log's own id, or of a folded counter, writes nothing",
    async run(kit) {
      await kit.appended('c', ['m1'], {
        claims: [
          { term: kit.log.id, seq: 5 },
          { term: foreign(0), seq: 9 },
        ],
      })
      expect(await kit.seen('c')).toEqual(['1 m1'])
    },
  },
  {
    title: 'a claim is marked although the append that brought it is refused',
    async run(kit) {
      const top = await kit.appended('c', ['m1'])
      const claims = [{ term: foreign(9), seq: 4 }]
      const refused = await kit.append('c', ['m2'], { claims, ifTop: { ...top, seq: 0 } })
      expect(refused).toMatchObject({ outcome: 'refused', code: 'conflict', top: { seq: 2 } })
      expect(await kit.seen('c')).toEqual(['1 m1', '2 lost ?-4'])
    },
  },
  {
    title: 'the first entry after a restart starts a term with a higher counter; before it nothing shows',
    needs: 'restart',
    async run(kit) {
      const first = await kit.appended('c', ['m1'])
      for (let round = 0; round < 3; round++) await kit.harness.restart()
      expect(await kit.log.head('c')).toEqual(first)
      const second = await kit.appended('c', ['m2'])
      expect(termCounter(second.term)).toBe(termCounter(first.term) + 1)
      const { runs } = await kit.read('c', { from: 'earliest' })
      expect(runs.map(({ term, seq }) => ({ term, seq }))).toEqual([first, second])
    },
  },
]
