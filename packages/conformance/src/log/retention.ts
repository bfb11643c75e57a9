import { expect } from 'vitest'
import { described, entriesOf, HOUR, ids, KEEP_ALL, type LogCase, messages, WINDOW } from './kit.ts'

const DAY = 24 * HOUR

export const retentionCases: readonly LogCase[] = [
  {
    row: 'R9',
    title: 'keeps exactly the newest by number',
    async run(kit) {
      const retention = { maxEntries: 10, maxAgeMs: DAY }
      for (let at = 1; at <= 40; at++) {
        await kit.appended('c', [`m${at}`], { retention })
        expect(await kit.seen('c')).toEqual(messages(Math.max(1, at - 9), at))
      }
      await kit.appended('c', ids(41, 90), { retention })
      expect(await kit.seen('c')).toEqual(messages(81, 90))
    },
  },
  {
    row: 'R9',
    title: 'hides what is too old before the sweep, which then drops it',
    async run(kit) {
      const retention = { maxEntries: 100, maxAgeMs: HOUR }
      const first = await kit.appended('c', ids(1, 3), { retention })
      await kit.clock.advance(HOUR / 2)
      await kit.appended('c', ids(4, 5), { retention })
      await kit.clock.advance(HOUR / 2)
      expect(await kit.seen('c')).toEqual(messages(4, 5))
      expect(await kit.resumed('c', [{ ...first, seq: 1 }])).toEqual([
        'retention 2-3 then 3',
        ...messages(4, 5),
      ])
      expect(entriesOf(await kit.log.history('c', { limit: 10 }))).toEqual(messages(4, 5))
      expect(await kit.log.sweep()).toBe(3)
      expect(await kit.log.sweep()).toBe(0)
      expect(await kit.seen('c')).toEqual(messages(4, 5))
    },
  },
  {
    row: 'L5',
    title: 'a reader below retention is told the exact range',
    async run(kit) {
      const { term } = await kit.appended('c', ids(1, 30), { retention: { maxEntries: 10, maxAgeMs: DAY } })
      const read = await kit.read('c', { positions: [{ term, seq: 4 }] })
      expect(read.gaps).toEqual([{ reason: 'retention', term, from: 5, to: 20, resumeAt: { term, seq: 20 } }])
      expect(entriesOf(read)).toEqual(messages(21, 30))
      expect(await kit.resumed('c', [{ term, seq: 20 }])).toEqual(messages(21, 30))
      expect(await kit.resumed('c', [{ term, seq: 19 }])).toEqual([
        'retention 20-20 then 20',
        ...messages(21, 30),
      ])
    },
  },
  {
    title: 'when everything is gone the numbers go on, and positions keep their meaning',
    needs: 'restart',
    async run(kit) {
      const retention = { maxEntries: 100, maxAgeMs: HOUR }
      const top = await kit.appended('c', ids(1, 5), { retention })
      await kit.clock.advance(20 * DAY)
      expect(await kit.log.sweep()).toBe(5)
      await kit.harness.restart()
      expect(await kit.log.head('c')).toEqual(top)
      expect(await kit.resumed('c', [top])).toEqual([])
      expect(await kit.resumed('c', [{ ...top, seq: 2 }])).toEqual(['retention 3-5 then 5'])
      expect((await kit.appended('c', ['m6'], { retention, claims: [top] })).seq).toBe(6)
      expect(await kit.resumed('c', [top])).toEqual(['6 m6'])
    },
  },
  {
    title: 'a channel idle for 30 days is forgotten; its readers are told reset and its terms are no news',
    async run(kit) {
      const retention = { maxEntries: 100, maxAgeMs: HOUR }
      const top = await kit.appended('c', ids(1, 5), { retention })
      await kit.clock.advance(30 * DAY - 1)
      await kit.log.sweep()
      expect(await kit.log.head('c')).toEqual(top)
      await kit.clock.advance(1)
      await kit.log.sweep()
      expect(await kit.log.head('c')).toEqual({ term: kit.log.id, seq: 0 })
      const next = await kit.appended('c', ['n1'], { retention, claims: [top] })
      expect(next.term > top.term).toBe(true)
      expect(await kit.resumed('c', [top], [top])).toEqual(['reset ? then 0', '1 n1'])
    },
  },
  {
    row: 'L12',
    title: 'a clock that jumps between appends changes neither order nor what is kept',
    async run(kit) {
      const retention = { maxEntries: 100, maxAgeMs: 2 * HOUR }
      const start = kit.clock.now()
      await kit.appended('c', ['m1'], { retention })
      kit.clock.setWall(start + HOUR)
      await kit.appended('c', ['m2'], { retention })
      kit.clock.setWall(start - HOUR)
      await kit.appended('c', ['m3'], { retention })
      kit.clock.setWall(start)
      await kit.appended('c', ['m4'], { retention })
      expect(await kit.seen('c')).toEqual(messages(1, 4))
      await kit.clock.advance(2 * HOUR - 1)
      expect(await kit.seen('c')).toEqual(messages(1, 4))
      await kit.clock.advance(1)
      // The first is two hours old. The others bear the time of the clock's excursion: kept longer, never shorter.
      expect(await kit.seen('c')).toEqual(messages(2, 4))
      await kit.clock.advance(HOUR)
      expect(await kit.seen('c')).toEqual([])
    },
  },
  {
    title: 'keeps working through many trims, pages, ids and restarts',
    needs: 'restart',
    async run(kit) {
      const retention = { maxEntries: 500, maxAgeMs: DAY }
      let next = 1
      for (let round = 0; round < 12; round++) {
        await Promise.all(ids(next, next + 399).map((id) => kit.append('c', [id], { retention })))
        next += 400
        await kit.clock.advance(WINDOW / 2)
        if (round % 4 === 3) await kit.log.sweep()
        if (round % 5 === 4) await kit.harness.restart()
        expect(await kit.seen('c')).toEqual(messages(Math.max(1, next - 500), next - 1))
      }
      expect(described(await kit.read('c', { last: 2 }))).toEqual(messages(next - 2, next - 1))
    },
  },
  {
    title: 'another retention counts from the next append on',
    async run(kit) {
      await kit.appended('c', ids(1, 20), { retention: KEEP_ALL })
      await kit.appended('c', ['m21'], { retention: { maxEntries: 5, maxAgeMs: DAY } })
      expect(await kit.seen('c')).toEqual(messages(17, 21))
    },
  },
]
