/** What every store holds to: the laws beside the `Store` interface, one by one. */
import type { CachedMessage, ChannelRecord, OutboxRow, Store, StoreEvent } from '@holdfast/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

export interface StoreCapabilities {
  /** Whether another store object finds what one has written; else why not. */
  readonly survives: true | string
}

export interface StoreHarness {
  /** A store over the same place as the others of this harness; `maxMessages` is 10. */
  open(): Store
  stop(): Promise<void>
}

export interface StoreSuite {
  readonly name: string
  readonly capabilities: StoreCapabilities
  readonly start: () => Promise<StoreHarness>
}

const MAX_MESSAGES = 10
const TERM = '000001aaaaaaaaaaaaa'

export function offsetOf(seq: number, term: string = TERM): string {
  return `${String(seq).padStart(16, '0')}_${term}`
}

export function recordAt(seq: number, term: string = TERM): ChannelRecord {
  return { positions: [offsetOf(seq, term)], told: [] }
}

/** The messages `from` to `to`, as a channel would hand them to the store. */
export function messagesOf(from: number, to: number = from): CachedMessage[] {
  return Array.from({ length: to - from + 1 }, (_, at) => ({
    item: { id: `m${from + at}`, time: from + at, data: { n: from + at } },
    offset: offsetOf(from + at),
  }))
}

export function rowOf(id: string, order: number): OutboxRow {
  return {
    id,
    channel: 'room',
    owner: 'tab',
    order,
    messages: [{ id, data: 1 }],
    createdAt: order,
    expiresAt: order + 1_000,
    firstAttemptAt: null,
  }
}

export const idsOf = (messages: readonly CachedMessage[] = []): string[] =>
  messages.map(({ item }) => item.id)
export const numbered = (from: number, to: number): string[] => idsOf(messagesOf(from, to))

export function storeSuite({ name, capabilities, start }: StoreSuite): void {
  describe(`store: ${name}`, () => {
    let harness: StoreHarness
    let store: Store
    const events: StoreEvent[] = []
    beforeEach(async () => {
      harness = await start()
      store = harness.open()
      events.length = 0
      store.subscribe((event) => events.push(event))
      await store.open('ada')
    })
    afterEach(() => harness.stop())

    it(`R13 (${name}): load gives the messages in the order of arrival and the record of the last commit`, async () => {
      expect(await store.load('room')).toBeNull()
      await store.commit('room', recordAt(2), messagesOf(1, 2))
      const record: ChannelRecord = {
        positions: [offsetOf(3), offsetOf(9, 'x'.repeat(19))],
        told: [[TERM, 7]],
      }
      await store.commit('room', record, messagesOf(3))
      expect(await store.load('room')).toEqual({ record, messages: messagesOf(1, 3) })
      expect(await store.load('other')).toBeNull()
    })

    it(`R13 (${name}): a commit without messages moves the record alone, however often`, async () => {
      await store.commit('room', recordAt(2), messagesOf(1, 2))
      for (let seq = 3; seq < 60; seq++) await store.commit('room', recordAt(seq), [])
      expect(await store.load('room')).toEqual({ record: recordAt(59), messages: messagesOf(1, 2) })
      await store.commit('room', recordAt(1), messagesOf(60))
      const loaded = await store.load('room')
      expect([loaded?.record, idsOf(loaded?.messages)]).toEqual([recordAt(1), ['m1', 'm2', 'm60']])
    })

    it(`R14 (${name}): commits take effect in the order of the calls, none waiting for another`, async () => {
      const commits = Array.from({ length: 9 }, (_, at) =>
        store.commit('room', recordAt(at + 1), messagesOf(at + 1)),
      )
      const others = [1, 2].map((seq) => store.commit(`other-${seq}`, recordAt(seq), messagesOf(seq)))
      await Promise.all([...commits, ...others])
      expect(await store.load('room')).toEqual({ record: recordAt(9), messages: messagesOf(1, 9) })
      expect(await store.load('other-2')).toEqual({ record: recordAt(2), messages: messagesOf(2) })
    })

    it(`R14 (${name}): load sees every commit before it`, async () => {
      store.commit('room', recordAt(1), messagesOf(1))
      store.commit('room', recordAt(2), messagesOf(2))
      expect(await store.load('room')).toEqual({ record: recordAt(2), messages: messagesOf(1, 2) })
    })

    it(`R13 (${name}): keeps the newest messages, up to the limit`, async () => {
      for (let seq = 1; seq <= 40; seq += 4)
        await store.commit('room', recordAt(seq + 3), messagesOf(seq, seq + 3))
      const loaded = await store.load('room')
      expect(idsOf(loaded?.messages)).toEqual(numbered(41 - MAX_MESSAGES, 40))
      await store.commit('room', recordAt(140), messagesOf(41, 140))
      expect(idsOf((await store.load('room'))?.messages)).toEqual(numbered(141 - MAX_MESSAGES, 140))
    })

    it(`R13 (${name}): what is stored is a copy of the moment`, async () => {
      const messages = messagesOf(1)
      await store.commit('room', recordAt(1), messages)
      messages.push(...messagesOf(2))
      expect(idsOf((await store.load('room'))?.messages)).toEqual(['m1'])
    })

    it(`N14 (${name}): outbox rows come back in order, are replaced by id, and can be deleted`, async () => {
      await Promise.all([3, 1, 2].map((order) => store.putOutbox(rowOf(`r${order}`, order))))
      await store.putOutbox({ ...rowOf('r2', 2), firstAttemptAt: 99 })
      await store.deleteOutbox('r3')
      await store.deleteOutbox('none')
      expect(await store.listOutbox()).toEqual([rowOf('r1', 1), { ...rowOf('r2', 2), firstAttemptAt: 99 }])
    })

    it(`N14 (${name}): the last of several unawaited writes of a row counts`, async () => {
      const writes = [
        store.putOutbox(rowOf('r1', 1)),
        store.deleteOutbox('r1'),
        store.putOutbox(rowOf('r2', 2)),
      ]
      writes.push(store.deleteOutbox('r2'), store.putOutbox(rowOf('r2', 5)))
      await Promise.all(writes)
      expect(await store.listOutbox()).toEqual([rowOf('r2', 5)])
    })

    it(`W11 (${name}): a scope's data is invisible to every other, and wipe deletes it alone`, async () => {
      await store.commit('room', recordAt(1), messagesOf(1))
      await store.putOutbox(rowOf('r1', 1))
      for (const scope of ['bob', 'ad', 'ada2', '']) {
        await store.open(scope)
        expect([await store.load('room'), await store.listOutbox()]).toEqual([null, []])
      }
      await store.open('bob')
      await store.commit('room', recordAt(7), messagesOf(7))
      await store.putOutbox(rowOf('r7', 7))
      await store.open('ada')
      expect((await store.load('room'))?.record).toEqual(recordAt(1))
      await store.wipe()
      expect([await store.load('room'), await store.listOutbox()]).toEqual([null, []])
      await store.open('bob')
      expect((await store.load('room'))?.record).toEqual(recordAt(7))
      expect(await store.listOutbox()).toEqual([rowOf('r7', 7)])
    })

    it(`W11 (${name}): a commit belongs to the scope in which it was made`, async () => {
      const commits = [store.commit('room', recordAt(1), messagesOf(1)), store.putOutbox(rowOf('r1', 1))]
      const opened = store.open('bob')
      await Promise.all([...commits, opened])
      expect([await store.load('room'), await store.listOutbox()]).toEqual([null, []])
      await store.open('ada')
      expect((await store.load('room'))?.record).toEqual(recordAt(1))
    })

    it(`W11 (${name}): what was committed a moment before a wipe is wiped`, async () => {
      const commit = store.commit('room', recordAt(1), messagesOf(1))
      const put = store.putOutbox(rowOf('r1', 1))
      await Promise.all([store.wipe(), commit, put])
      expect([await store.load('room'), await store.listOutbox()]).toEqual([null, []])
      await store.commit('room', recordAt(2), messagesOf(2))
      expect(await store.load('room')).toEqual({ record: recordAt(2), messages: messagesOf(2) })
    })

    it(`keeps values outside of all scopes (${name})`, async () => {
      expect(await store.getValue('key')).toBeNull()
      await store.setValue('key', 'one')
      await store.setValue('key', 'two')
      await store.open('bob')
      await store.wipe()
      expect(await store.getValue('key')).toBe('two')
    })

    it(`adds a value once: whoever asks, at once or later, gets the same (${name})`, async () => {
      const asked = ['one', 'two', 'three'].map((value) => store.addValue('key', value))
      const [first] = await Promise.all(asked)
      expect(['one', 'two', 'three']).toContain(first)
      expect(new Set(await Promise.all(asked))).toEqual(new Set([first]))
      expect(await store.addValue('key', 'four')).toBe(first)
      expect(await store.getValue('key')).toBe(first)
    })

    it(`says nothing while all is well (${name})`, async () => {
      await store.commit('room', recordAt(1), messagesOf(1))
      await store.load('room')
      expect(events).toEqual([])
    })

    const { survives } = capabilities
    if (survives !== true) {
      it(`does not outlive its object (${name}): ${survives}`, () => expect(survives).not.toBe(''))
      return
    }

    it(`R13, R14 (${name}): another store goes on where one was closed`, async () => {
      store.commit('room', recordAt(1), messagesOf(1))
      store.commit('room', recordAt(2), messagesOf(2))
      store.putOutbox(rowOf('r1', 1))
      await store.setValue('key', 'one')
      await store.close()
      const next = harness.open()
      await next.open('ada')
      expect(await next.load('room')).toEqual({ record: recordAt(2), messages: messagesOf(1, 2) })
      await next.commit('room', recordAt(3), messagesOf(3))
      expect(await next.load('room')).toEqual({ record: recordAt(3), messages: messagesOf(1, 3) })
      expect(await next.listOutbox()).toEqual([rowOf('r1', 1)])
      expect(await next.getValue('key')).toBe('one')
    })

    it(`adds a value once for two stores that ask at the same time (${name})`, async () => {
      const other = harness.open()
      const [one, two] = await Promise.all([store.addValue('key', 'one'), other.addValue('key', 'two')])
      expect(one).toBe(two)
      await other.close()
    })

    it(`R14 (${name}): a store that commits before it loads continues what is there`, async () => {
      for (let seq = 1; seq <= 12; seq++) await store.commit('room', recordAt(seq), messagesOf(seq))
      const next = harness.open()
      await next.open('ada')
      await next.commit('room', recordAt(13), messagesOf(13))
      expect(idsOf((await next.load('room'))?.messages)).toEqual(numbered(4, 13))
    })

    it(`R14 (${name}): two stores at once, one behind: load is one's history without holes or repeats`, async () => {
      await store.commit('room', recordAt(4), messagesOf(1, 4))
      const slow = harness.open()
      await slow.open('ada')
      await slow.load('room')
      await store.commit('room', recordAt(6), messagesOf(5, 6))
      await store.commit('room', recordAt(9), messagesOf(7, 9))
      await slow.commit('room', recordAt(5), messagesOf(5))
      const third = harness.open()
      await third.open('ada')
      expect(await third.load('room')).toEqual({ record: recordAt(9), messages: messagesOf(1, 9) })
      await third.commit('room', recordAt(10), messagesOf(10))
      await slow.commit('room', recordAt(8), messagesOf(6, 8))
      expect(await third.load('room')).toEqual({ record: recordAt(10), messages: messagesOf(1, 10) })
    })

    it(`R14 (${name}): a record that went back on purpose is the one that counts`, async () => {
      await store.commit('room', recordAt(9), messagesOf(1, 9))
      const back: ChannelRecord = { positions: [offsetOf(6)], told: [[TERM, 9]] }
      await store.commit('room', back, [])
      const next = harness.open()
      await next.open('ada')
      expect((await next.load('room'))?.record).toEqual(back)
    })
  })
}
