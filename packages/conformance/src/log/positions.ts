import { formatTerm, isTerm, termCounter } from '@holdfast/core/protocol'
import { expect } from 'vitest'
import { described, entriesOf, ids, type LogCase, messages } from './kit.ts'

export const positionCases: readonly LogCase[] = [
  {
    title: 'names itself with a term of counter 0 and keeps a secret of 32 bytes',
    async run({ log }) {
      expect(isTerm(log.id)).toBe(true)
      expect(termCounter(log.id)).toBe(0)
      expect(log.secret).toHaveLength(32)
    },
  },
  {
    title: 'a channel never written stands at seq 0 of the log, and asking leaves nothing behind',
    async run(kit) {
      const nowhere = { term: kit.log.id, seq: 0 }
      expect(await kit.log.head('c')).toEqual(nowhere)
      const read = await kit.read('c', { positions: [nowhere] })
      expect(read).toEqual({
        gaps: [],
        start: nowhere,
        runs: [],
        end: nowhere,
        top: nowhere,
        isClosed: false,
      })
      expect(await kit.log.meta('c')).toBe(null)
    },
  },
  {
    title: 'counts 1, 2, 3 … without holes, in one term',
    async run(kit) {
      const first = await kit.appended('c', ['m1'])
      const third = await kit.appended('c', ['m2', 'm3'])
      expect(first.seq).toBe(1)
      expect(third).toEqual({ term: first.term, seq: 3 })
      expect(termCounter(first.term)).toBeGreaterThan(0)
      expect(await kit.seen('c')).toEqual(messages(1, 3))
    },
  },
  {
    row: 'K3',
    title: 'takes several messages in one append, all or none, consecutive',
    async run(kit) {
      const result = await kit.append('c', ids(1, 5))
      expect(result).toMatchObject({ outcome: 'appended', first: { seq: 1 }, last: { seq: 5 } })
      expect(await kit.refused('c', ['m6', 'm5'])).toBe('idempotency_conflict')
      expect((await kit.log.head('c')).seq).toBe(5)
    },
  },
  {
    title: 'gives the bytes back as they came',
    async run(kit) {
      const body = '{"id":"x","data":"\\u0000 ü 漢 😀 \\" \\\\ \u2028 {}"}'
      await kit.log.append('c', kit.request([], { entries: [{ id: 'x', digest: { value: 'd' }, body }] }))
      expect((await kit.read('c', { from: 'earliest' })).runs[0]?.bodies).toEqual([body])
    },
  },
  {
    row: 'R5',
    title: 'two readers of one channel at different offsets each get their own history',
    async run(kit) {
      const early = await kit.appended('c', ids(1, 3))
      const late = await kit.appended('c', ids(4, 7))
      await kit.appended('c', ids(8, 9))
      expect(await kit.resumed('c', [early])).toEqual(messages(4, 9))
      expect(await kit.resumed('c', [late])).toEqual(messages(8, 9))
      expect(await kit.resumed('c', [{ term: kit.log.id, seq: 0 }])).toEqual(messages(1, 9))
    },
  },
  {
    title: 'a reader at the start of another log is told reset',
    async run(kit) {
      await kit.appended('c', ids(1, 2))
      const elsewhere = { term: formatTerm(0, 'a'.repeat(13)), seq: 0 }
      expect(await kit.resumed('c', [elsewhere])).toEqual(['reset ? then 0', ...messages(1, 2)])
      expect(await kit.resumed('c', [])).toEqual(['reset ? then 0', ...messages(1, 2)])
    },
  },
  {
    title: 'reads by pages of a number and of a length, at least one entry each',
    async run(kit) {
      await kit.appended('c', ids(1, 100))
      const page = await kit.read('c', { from: 'earliest' }, { limit: 10 })
      expect(entriesOf(page)).toEqual(messages(1, 10))
      expect(page.end.seq).toBe(10)
      expect(page.top.seq).toBe(100)
      const length = page.runs[0]?.bodies[0]?.length ?? 0
      const short = await kit.read('c', { positions: [page.end] }, { maxLength: length * 3 + 5 })
      expect(entriesOf(short)).toHaveLength(2)
      expect(entriesOf(await kit.read('c', { positions: [short.end] }, { maxLength: 1 }))).toEqual(
        messages(13, 13),
      )
    },
  },
  {
    row: 'K8',
    title: 'rewinds to the last n, since a time, from an offset',
    async run(kit) {
      const start = kit.clock.now()
      for (let at = 0; at < 10; at++) {
        await kit.appended('c', [`m${at + 1}`])
        await kit.clock.advance(1_000)
      }
      expect(await kit.seen('c', { last: 3 })).toEqual(messages(8, 10))
      expect(await kit.seen('c', { last: 0 })).toEqual([])
      expect(await kit.seen('c', { last: 99 })).toEqual(messages(1, 10))
      expect(await kit.seen('c', { since: start + 4_000 })).toEqual(messages(5, 10))
      expect(await kit.seen('c', { since: start + 4_001 })).toEqual(messages(6, 10))
      expect(await kit.seen('c', { since: kit.clock.now() + 1 })).toEqual([])
      const { end } = await kit.read('c', { from: 'earliest' }, { limit: 6 })
      expect(await kit.resumed('c', [end])).toEqual(messages(7, 10))
    },
  },
  {
    row: 'K8',
    title: 'history goes in both directions with hasMore',
    async run(kit) {
      const { term } = await kit.appended('c', ids(1, 25))
      const newest = await kit.log.history('c', { limit: 10 })
      expect(entriesOf(newest)).toEqual(messages(16, 25))
      expect(newest).toMatchObject({ hasMore: true, gap: null })
      const older = await kit.log.history('c', { before: { term, seq: 16 }, limit: 10 })
      expect(entriesOf(older)).toEqual(messages(6, 15))
      expect(older.hasMore).toBe(true)
      const oldest = await kit.log.history('c', { before: { term, seq: 6 }, limit: 10 })
      expect(entriesOf(oldest)).toEqual(messages(1, 5))
      expect(oldest).toMatchObject({ hasMore: false, gap: null })
      const after = await kit.log.history('c', { after: { term, seq: 20 }, limit: 3 })
      expect(entriesOf(after)).toEqual(messages(21, 23))
      expect(after.hasMore).toBe(true)
      const rest = await kit.log.history('c', { after: { term, seq: 23 }, limit: 3 })
      expect(entriesOf(rest)).toEqual(messages(24, 25))
      expect(rest.hasMore).toBe(false)
    },
  },
  {
    row: 'K8',
    title: 'a page of history is bounded in length, in both directions, and going on from it misses nothing',
    async run(kit) {
      const { term } = await kit.appended('c', ids(1, 200))
      const maxLength = 5 * '{"id":"m200"}'.length
      for (const limit of [1_000, 3]) {
        const up: string[] = []
        for (let hasMore = true; hasMore; ) {
          const page = await kit.log.history('c', { after: { term, seq: up.length }, limit, maxLength })
          hasMore = page.hasMore
          expect(entriesOf(page).length).toBeLessThanOrEqual(Math.min(limit, 6))
          up.push(...entriesOf(page))
        }
        expect(up).toEqual(messages(1, 200))
        const down: string[] = []
        for (let hasMore = true; hasMore; ) {
          const page = await kit.log.history('c', {
            before: { term, seq: 201 - down.length },
            limit,
            maxLength,
          })
          hasMore = page.hasMore
          expect(entriesOf(page).length).toBeLessThanOrEqual(Math.min(limit, 6))
          down.unshift(...entriesOf(page))
        }
        expect(down).toEqual(messages(1, 200))
      }
      expect(entriesOf(await kit.log.history('c', { limit: 10, maxLength: 1 }))).toEqual(messages(200, 200))
    },
  },
  {
    row: 'K8',
    title: 'what is gone from below a bounded page is told by the page that gets there, once',
    async run(kit) {
      const retention = { maxEntries: 20, maxAgeMs: 1e12 }
      const { term } = await kit.appended('c', ids(1, 30), { retention })
      const maxLength = 8 * '{"id":"m30"}'.length
      const gaps: unknown[] = []
      let seq = 31
      for (let hasMore = true; hasMore; ) {
        const before = seq > 30 ? {} : { before: { term, seq } }
        const page = await kit.log.history('c', { ...before, limit: 30, maxLength })
        hasMore = page.hasMore
        gaps.push(page.gap?.reason ?? null)
        seq -= entriesOf(page).length
      }
      expect(seq).toBe(11)
      expect(gaps.length).toBeGreaterThan(2)
      expect(gaps.pop()).toBe('retention')
      expect(new Set(gaps)).toEqual(new Set([null]))
    },
  },
  {
    row: 'K8',
    title: 'history tells which of the asked-for messages are gone',
    async run(kit) {
      const retention = { maxEntries: 10, maxAgeMs: 1e12 }
      const { term } = await kit.appended('c', ids(1, 30), { retention })
      const page = await kit.log.history('c', { before: { term, seq: 24 }, limit: 5 })
      expect(entriesOf(page)).toEqual(messages(21, 23))
      expect(page.gap).toEqual({ reason: 'retention', term, from: 19, to: 20, resumeAt: { term, seq: 20 } })
      const after = await kit.log.history('c', { after: { term, seq: 4 }, limit: 5 })
      expect(entriesOf(after)).toEqual(messages(21, 25))
      expect(after.gap).toMatchObject({ reason: 'retention', from: 5, to: 20 })
      const unknown = { term: formatTerm(7, 'b'.repeat(13)), seq: 3 }
      expect((await kit.log.history('c', { before: unknown, limit: 5 })).gap).toMatchObject({
        reason: 'reset',
      })
    },
  },
  {
    row: 'K4',
    title: 'appends with ifTop only while the channel is there, else conflict with the top',
    async run(kit) {
      const first = await kit.appended('c', ['m1'], { ifTop: { term: kit.log.id, seq: 0 } })
      const second = await kit.appended('c', ['m2'], { ifTop: first })
      expect(await kit.append('c', ['m3'], { ifTop: first })).toEqual({
        outcome: 'refused',
        code: 'conflict',
        top: second,
      })
      expect(await kit.seen('c')).toEqual(messages(1, 2))
      expect((await kit.append('c', ['m2'], { ifTop: first })).outcome).toBe('duplicate')
    },
  },
  {
    row: 'R15',
    title: '100 clean restarts, with and without appends between, give no gap',
    needs: 'restart',
    async run(kit) {
      let position = await kit.appended('c', ['m1'])
      const oldest = position
      const all = messages(1, 1)
      for (let round = 1; round <= 100; round++) {
        await kit.harness.restart()
        expect(await kit.log.head('c')).toEqual(position)
        expect(await kit.resumed('c', [position], [position, oldest])).toEqual([])
        if (round % 3 !== 0) continue
        const next = await kit.appended('c', [`m${position.seq + 1}`], { claims: [position] })
        expect(next.term).not.toBe(position.term)
        position = next
        all.push(`${next.seq} m${next.seq}`)
      }
      expect(described(await kit.read('c', { positions: [oldest] }))).toEqual(all.slice(1))
      expect(await kit.seen('c')).toEqual(all)
    },
  },
]
