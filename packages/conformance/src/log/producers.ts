import { expect } from 'vitest'
import type { LogCase } from './kit.ts'
import { messages, WINDOW } from './kit.ts'

export const producerCases: readonly LogCase[] = [
  {
    title: 'numbered appends are taken in turn, and again answered with their position',
    async run(kit) {
      const by = (epoch: number, seq: number) => ({ producer: { id: 'p', epoch, seq } })
      await kit.appended('c', ['m1', 'm2'], by(1, 0))
      const second = await kit.appended('c', ['m3'], by(1, 1))
      expect(await kit.append('c', ['m3'], by(1, 1))).toMatchObject({
        outcome: 'duplicate',
        first: second,
        last: second,
      })
      expect((await kit.append('c', ['m1', 'm2'], by(1, 0))).outcome).toBe('duplicate')
      expect(await kit.seen('c')).toEqual(messages(1, 3))
    },
  },
  {
    title: 'a skipped number is producer_gap, an older epoch producer_fenced',
    async run(kit) {
      const by = (epoch: number, seq: number) => ({ producer: { id: 'p', epoch, seq } })
      expect(await kit.refused('c', ['m1'], by(1, 1))).toBe('producer_gap')
      await kit.appended('c', ['m1'], by(1, 0))
      expect(await kit.refused('c', ['m2'], by(1, 2))).toBe('producer_gap')
      expect(await kit.refused('c', ['m2'], by(2, 1))).toBe('producer_gap')
      await kit.appended('c', ['m2'], by(2, 0))
      expect(await kit.refused('c', ['m3'], by(1, 1))).toBe('producer_fenced')
      expect(await kit.seen('c')).toEqual(messages(1, 2))
    },
  },
  {
    title: 'a refused append does not use up its number',
    async run(kit) {
      const producer = { id: 'p', epoch: 0, seq: 0 }
      expect(await kit.refused('c', ['m1'], { producer, ifTop: { term: kit.log.id, seq: 9 } })).toBe(
        'conflict',
      )
      await kit.appended('c', ['m1'], { producer })
    },
  },
  {
    title: 'producers need no window, and each has its own record',
    async run(kit) {
      const producer = { id: 'p', epoch: 3, seq: 0 }
      await kit.appended('c', ['m1'], { producer })
      await kit.appended('c', ['m2'], { producer: { ...producer, id: 'q' } })
      await kit.appended('d', ['m1'], { producer })
      await kit.clock.advance(2 * WINDOW)
      await kit.log.sweep()
      expect(await kit.append('c', ['m1'], { producer, ageMs: 2 * WINDOW })).toMatchObject({
        outcome: 'duplicate',
        first: { seq: 1 },
      })
    },
  },
  {
    title: 'records live on in a restart',
    needs: 'restart',
    async run(kit) {
      const producer = { id: 'p', epoch: 1, seq: 0 }
      const first = await kit.appended('c', ['m1', 'm2'], { producer })
      await kit.harness.restart()
      expect(await kit.append('c', ['m1', 'm2'], { producer })).toMatchObject({
        outcome: 'duplicate',
        last: first,
      })
      expect(await kit.refused('c', ['m3'], { producer: { ...producer, seq: 2 } })).toBe('producer_gap')
      await kit.appended('c', ['m3'], { producer: { ...producer, seq: 1 } })
    },
  },
]
