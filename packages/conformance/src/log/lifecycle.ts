import type { Doorbell } from '@holdfast/server-kit'
import { expect } from 'vitest'
import { entry, HOUR, ids, type LogCase, messages } from './kit.ts'

export const lifecycleCases: readonly LogCase[] = [
  {
    title: 'creates once; the same again does nothing, other meta is channel_exists',
    async run(kit) {
      const createdAt = kit.clock.now()
      expect(await kit.log.create('c', { contentType: 'text/plain', ttlMs: HOUR })).toBe('created')
      expect(await kit.log.create('c', { contentType: 'text/plain', ttlMs: HOUR })).toBe('exists')
      expect(await kit.log.create('c', { contentType: 'text/html' })).toBe('channel_exists')
      expect(await kit.log.meta('c')).toEqual({
        contentType: 'text/plain',
        ttlMs: HOUR,
        isClosed: false,
        createdAt,
      })
      expect(await kit.log.head('c')).toEqual({ term: kit.log.id, seq: 0 })
    },
  },
  {
    title: 'an append makes its channel',
    async run(kit) {
      await kit.appended('c', ['m1'])
      expect(await kit.log.meta('c')).toMatchObject({ contentType: null, ttlMs: null, isClosed: false })
    },
  },
  {
    title: 'a closed channel is read on but refuses appends; its last append may be sent again',
    needs: 'restart',
    async run(kit) {
      await kit.appended('c', ['m1'])
      const last = await kit.appended('c', ['m2'], { close: true })
      await kit.harness.restart()
      expect(await kit.refused('c', ['m3'])).toBe('channel_closed')
      expect(await kit.append('c', ['m2'], { close: true })).toMatchObject({ outcome: 'duplicate', last })
      expect((await kit.append('c', [], { close: true })).outcome).toBe('duplicate')
      const read = await kit.read('c', { from: 'earliest' })
      expect(read.isClosed).toBe(true)
      expect(read.end).toEqual(last)
      expect((await kit.log.meta('c'))?.isClosed).toBe(true)
    },
  },
  {
    title: 'closes without an entry, and not where ifTop is wrong',
    async run(kit) {
      const top = await kit.appended('c', ['m1'])
      expect(await kit.refused('c', [], { close: true, ifTop: { ...top, seq: 0 } })).toBe('conflict')
      expect(await kit.appended('c', [], { close: true, ifTop: top })).toEqual(top)
      expect(await kit.refused('c', ['m2'])).toBe('channel_closed')
    },
  },
  {
    title: 'deletes: readers are told deleted, the one at the top included, and numbers go on in a new term',
    async run(kit) {
      const before = await kit.appended('c', ids(1, 5))
      expect(await kit.log.delete('c')).toBe(true)
      expect(await kit.log.delete('c')).toBe(false)
      expect(await kit.log.delete('never')).toBe(false)
      expect(await kit.log.meta('c')).toBe(null)
      const head = await kit.log.head('c')
      expect(head.term > before.term).toBe(true)
      for (const seq of [2, 5]) {
        const read = await kit.read('c', { positions: [{ ...before, seq }] })
        expect(read.gaps).toEqual([{ reason: 'deleted', term: null, from: null, to: null, resumeAt: head }])
        expect(read.runs).toEqual([])
      }
      expect(await kit.resumed('c', [head])).toEqual([])
      const next = await kit.appended('c', ['n1'])
      expect(next).toEqual({ term: head.term, seq: head.seq + 1 })
      expect(await kit.resumed('c', [before], [before])).toEqual([
        `deleted ? then ${head.seq}`,
        `${next.seq} n1`,
      ])
      expect(await kit.seen('c')).toEqual([`${next.seq} n1`])
    },
  },
  {
    title: 'a deletion is not undone by a message sent again, and rings without bodies',
    async run(kit) {
      const bells: Doorbell[] = []
      const first = await kit.appended('c', ['m1'])
      kit.log.subscribe((bell) => bells.push(bell))
      await kit.log.delete('c')
      expect(bells).toEqual([{ channel: 'c', after: first, first: await kit.log.head('c'), bodies: [] }])
      expect(await kit.append('c', ['m1'], { ageMs: 9 })).toMatchObject({
        outcome: 'duplicate',
        first,
        body: null,
      })
      expect(await kit.seen('c')).toEqual([])
    },
  },
  {
    title: 'a deleted channel stays deleted in a restart, and a closed one can be made anew',
    needs: 'restart',
    async run(kit) {
      const before = await kit.appended('c', ids(1, 3), {
        close: true,
        producer: { id: 'p', epoch: 0, seq: 0 },
      })
      await kit.log.delete('c')
      await kit.harness.restart()
      expect(await kit.resumed('c', [before])).toEqual(['deleted ? then 4'])
      await kit.appended('c', ['m4'], { producer: { id: 'p', epoch: 0, seq: 0 } })
      await kit.harness.restart()
      expect(await kit.resumed('c', [before])).toEqual(['deleted ? then 4', '5 m4'])
    },
  },
  {
    title: 'ends a created channel when its time to live has passed',
    async run(kit) {
      await kit.log.create('c', { ttlMs: HOUR })
      const top = await kit.appended('c', ids(1, 3))
      await kit.clock.advance(HOUR - 1)
      expect(await kit.log.sweep()).toBe(0)
      await kit.clock.advance(1)
      expect(await kit.log.sweep()).toBe(3)
      expect(await kit.log.meta('c')).toBe(null)
      expect(await kit.resumed('c', [top])).toEqual(['deleted ? then 4'])
    },
  },
  {
    title: 'forks what is retained under new seqs; the two then go their own ways',
    async run(kit) {
      await kit.log.create('c', { contentType: 'application/json' })
      await kit.appended('c', ids(1, 30), { retention: { maxEntries: 10, maxAgeMs: HOUR } })
      expect(await kit.log.fork('never', 'd')).toBe('channel_not_found')
      expect(await kit.log.fork('c', 'd')).toBe('created')
      expect(await kit.log.fork('c', 'd')).toBe('channel_exists')
      await kit.appended('c', ['m31'])
      await kit.appended('d', ['m1'])
      expect(await kit.seen('d')).toEqual([...messages(21, 30, 1), '11 m1'])
      expect((await kit.log.meta('d'))?.contentType).toBe('application/json')
      expect((await kit.read('d', { from: 'earliest' })).runs[0]?.bodies[0]).toBe(entry('m21').body)
    },
  },
  {
    title: 'a log that was closed answers log_unavailable',
    async run(kit) {
      const { log } = kit
      await kit.appended('c', ['m1'])
      await log.close()
      await expect(kit.append('c', ['m2'])).rejects.toMatchObject({ code: 'log_unavailable' })
      await expect(log.head('c')).rejects.toMatchObject({ code: 'log_unavailable' })
    },
  },
]
