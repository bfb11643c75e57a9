import type { Doorbell } from '@holdfast/server-kit'
import { expect } from 'vitest'
import { entry, ids, type LogCase } from './kit.ts'

export const doorbellCases: readonly LogCase[] = [
  {
    title: 'rings what was appended, with the position before it, until the listener leaves',
    async run(kit) {
      const bells: Doorbell[] = []
      const leave = kit.log.subscribe((bell) => bells.push(bell))
      const second = await kit.appended('c', ['m1', 'm2'])
      await kit.appended('c', ['m3'])
      leave()
      await kit.appended('c', ['m4'])
      const { term } = second
      expect(bells).toEqual([
        {
          channel: 'c',
          after: { term: kit.log.id, seq: 0 },
          first: { term, seq: 1 },
          bodies: [entry('m1').body, entry('m2').body],
        },
        { channel: 'c', after: second, first: { term, seq: 3 }, bodies: [entry('m3').body] },
      ])
    },
  },
  {
    title: 'rings nothing for a duplicate or a refusal',
    async run(kit) {
      const first = await kit.appended('c', ['m1'])
      let rung = 0
      kit.log.subscribe(() => rung++)
      await kit.append('c', ['m1'])
      await kit.append('c', ['m2'], { ifTop: { ...first, seq: 0 } })
      await kit.read('c', { from: 'earliest' })
      expect(rung).toBe(0)
    },
  },
  {
    title: 'rings in order for a channel, each entry once, and names it already readable',
    async run(kit) {
      const heard: string[] = []
      const reads: Promise<void>[] = []
      kit.log.subscribe((bell) => {
        heard.push(...bell.bodies)
        const top = bell.first.seq + bell.bodies.length - 1
        reads.push(kit.log.head('c').then(({ seq }) => expect(seq).toBeGreaterThanOrEqual(top)))
      })
      const names = ids(1, 50)
      await Promise.all(names.map((id) => kit.append('c', [id])))
      await Promise.all(reads)
      expect(heard).toEqual(names.map((id) => entry(id).body))
    },
  },
  {
    title: 'an append is answered with its own position, though a listener appends meanwhile',
    async run(kit) {
      let echoed: Promise<unknown> | undefined
      kit.log.subscribe(() => {
        echoed ??= kit.append('c', ['m2'])
      })
      expect(await kit.append('c', ['m1'])).toMatchObject({ first: { seq: 1 }, last: { seq: 1 } })
      expect(await echoed).toMatchObject({ first: { seq: 2 }, last: { seq: 2 } })
    },
  },
  {
    title: 'a listener may append: bells stay in order',
    async run(kit) {
      const heard: number[] = []
      let echoed: Promise<unknown> | undefined
      kit.log.subscribe(() => {
        echoed ??= kit.append('c', ['echo'])
      })
      kit.log.subscribe((bell) => heard.push(bell.first.seq))
      await kit.appended('c', ['m1'])
      await echoed
      expect(heard).toEqual([1, 2])
    },
  },
  {
    title: 'rings for a loss marker, in front of what was appended with it',
    needs: 'rollback',
    async run(kit) {
      await kit.appended('c', ['m1'])
      await kit.harness.mark()
      const lost = await kit.appended('c', ['m2', 'm3'])
      await kit.harness.rollback()
      const bells: Doorbell[] = []
      kit.log.subscribe((bell) => bells.push(bell))
      await kit.appended('c', ['m4'], { claims: [lost] })
      expect(bells).toHaveLength(1)
      expect(bells[0]?.bodies).toEqual([
        JSON.stringify({ lost: { term: lost.term, from: 2, to: 3 } }),
        entry('m4').body,
      ])
      expect(bells[0]).toMatchObject({ after: { term: lost.term, seq: 1 }, first: { seq: 2 } })
    },
  },
]
