import { expect } from 'vitest'
import { entry, HOUR, ids, type LogCase, MINUTE, messages, WINDOW } from './kit.ts'

export const idempotencyCases: readonly LogCase[] = [
  {
    row: 'L6',
    title: 'a resend is answered with the original position and body, and appends nothing',
    async run(kit) {
      const first = await kit.appended('c', ['m1'])
      await kit.appended('c', ['m2'])
      const again = await kit.append('c', ['m1'], { ageMs: 500 })
      expect(again).toEqual({ outcome: 'duplicate', first, last: first, body: entry('m1').body })
      expect(await kit.seen('c')).toEqual(messages(1, 2))
    },
  },
  {
    row: 'L6',
    title: 'the same id with other bytes is idempotency_conflict',
    async run(kit) {
      await kit.appended('c', ['m1'])
      expect(await kit.refused('c', [], { entries: [entry('m1', 'other')] })).toBe('idempotency_conflict')
      expect(await kit.seen('c')).toEqual(messages(1, 1))
    },
  },
  {
    title: "an id is its identity's and its channel's own",
    async run(kit) {
      await kit.appended('c', ['m1'])
      await kit.appended('c', [], { entries: [entry('m1', 'other')], identity: 'bob' })
      await kit.appended('d', [], { entries: [entry('m1', 'other')] })
      expect(await kit.seen('c')).toEqual(['1 m1', '2 m1'])
      expect(await kit.seen('d')).toEqual(['1 m1'])
    },
  },
  {
    row: 'L6',
    title: 'beyond the window an unknown resend is idempotency_expired, a new message is not',
    async run(kit) {
      expect(await kit.refused('c', ['m1'], { ageMs: WINDOW + 1 })).toBe('idempotency_expired')
      expect((await kit.append('c', ['m1'], { ageMs: WINDOW })).outcome).toBe('appended')
      await kit.clock.advance(WINDOW + 1)
      expect(await kit.refused('c', ['m1'], { ageMs: WINDOW + 1 })).toBe('idempotency_expired')
      expect((await kit.append('c', ['m1'])).outcome).toBe('appended')
      expect(await kit.seen('c')).toEqual(['1 m1', '2 m1'])
    },
  },
  {
    row: 'L6',
    title: 'a known id is answered however old its first attempt is',
    async run(kit) {
      const first = await kit.appended('c', ['m1'], { ageMs: WINDOW - MINUTE })
      await kit.clock.advance(WINDOW - MINUTE)
      expect(await kit.append('c', ['m1'], { ageMs: 2 * (WINDOW - MINUTE) })).toMatchObject({
        outcome: 'duplicate',
        first,
      })
    },
  },
  {
    title: 'an id outlives its entry: a resend after trimming is a duplicate without a body',
    async run(kit) {
      const retention = { maxEntries: 3, maxAgeMs: HOUR }
      const first = await kit.appended('c', ['m1'], { retention })
      for (let at = 2; at < 700; at++) await kit.append('c', [`m${at}`], { retention })
      await kit.log.sweep()
      expect(await kit.append('c', ['m1'], { ageMs: 5 })).toEqual({
        outcome: 'duplicate',
        first,
        last: first,
        body: null,
      })
    },
  },
  {
    title: 'forgets ids when they expire, and only then',
    async run(kit) {
      await kit.appended('c', ['m1'])
      await kit.clock.advance(WINDOW - 1)
      await kit.log.sweep()
      expect((await kit.append('c', ['m1'])).outcome).toBe('duplicate')
      await kit.clock.advance(1)
      await kit.log.sweep()
      expect((await kit.append('c', ['m1'])).outcome).toBe('appended')
      expect((await kit.append('c', ['m1'])).outcome).toBe('duplicate')
    },
  },
  {
    row: 'K3',
    title: 'a batch resent whole is a duplicate; partly known, or in another order, it is a conflict',
    async run(kit) {
      await kit.appended('c', ['m1'])
      await kit.appended('c', ['m2', 'm3', 'm4'])
      expect(await kit.append('c', ['m2', 'm3', 'm4'])).toMatchObject({
        outcome: 'duplicate',
        first: { seq: 2 },
        last: { seq: 4 },
      })
      expect(await kit.refused('c', ['m4', 'm5'])).toBe('idempotency_conflict')
      expect(await kit.refused('c', ['m5', 'm4'])).toBe('idempotency_conflict')
      expect(await kit.refused('c', ['m3', 'm2'])).toBe('idempotency_conflict')
      expect(await kit.refused('c', ['m7', 'm7'])).toBe('idempotency_conflict')
      expect(await kit.seen('c')).toEqual(messages(1, 4))
    },
  },
  {
    row: 'L7',
    title: 'after a restart on the same store a resend is answered with the same position',
    needs: 'restart',
    async run(kit) {
      const first = await kit.appended('c', ['m1'])
      await kit.appended('c', ids(2, 5))
      await kit.harness.restart()
      expect(await kit.append('c', ['m1'], { ageMs: 2_000 })).toMatchObject({ outcome: 'duplicate', first })
      await kit.harness.restart()
      await kit.appended('c', ['m6'])
      expect(await kit.append('c', ['m1'], { ageMs: 3_000 })).toMatchObject({ outcome: 'duplicate', first })
      expect(await kit.seen('c')).toEqual(messages(1, 6))
    },
  },
  {
    row: 'L12',
    title: 'a clock that jumps an hour ahead turns no resend into a second message',
    async run(kit) {
      const start = kit.clock.now()
      const first = await kit.appended('c', ['m1'])
      kit.clock.setWall(start + HOUR)
      expect(await kit.append('c', ['m1'], { ageMs: 1_000 })).toMatchObject({ outcome: 'duplicate', first })
      // Nor if others were appended since, or the log was swept.
      await kit.appended('c', ids(2, 9))
      await kit.log.sweep()
      expect(await kit.append('c', ['m1'], { ageMs: 2_000 })).toMatchObject({ outcome: 'duplicate', first })
      expect(await kit.seen('c')).toEqual(messages(1, 9))
    },
  },
]
