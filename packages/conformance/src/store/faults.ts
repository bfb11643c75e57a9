/** What befalls a database: each row runs on the fake and on the browser's own IndexedDB. */
import { createClient, HoldfastError, type Store, type StoreEvent } from '@holdfast/core'
import { processLocks } from '@holdfast/core/ports'
import { indexedDb } from '@holdfast/core/stores/indexeddb'
import {
  createFakeTransport,
  createVirtualClock,
  scriptedPeer,
  type VirtualClock,
  welcomeFrame,
} from '@holdfast/core/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { connect, contents, done, remove } from './database-kit.ts'
import { idsOf, messagesOf, numbered, recordAt, rowOf } from './suite.ts'

interface Opened {
  readonly store: Store
  readonly events: StoreEvent[]
  readonly types: () => string[]
  readonly clock: VirtualClock
}

let databases = 0

/** @param platform the name of the IndexedDB at hand */
export function faultSuite(platform: string): void {
  describe(`faults: ${platform}`, () => {
    let name = ''
    const stores: Store[] = []
    const fresh = (): string => {
      name = `faults-${platform}-${databases++}`
      return name
    }
    afterEach(async () => {
      vi.restoreAllMocks()
      await Promise.all(stores.splice(0).map((store) => store.close()))
    })

    async function open(database: string = fresh(), maxMessages = 100): Promise<Opened> {
      const clock = createVirtualClock()
      const store = indexedDb({ name: database, maxMessages, clock })
      stores.push(store)
      const events: StoreEvent[] = []
      store.subscribe((event) => events.push(event))
      await store.open('ada')
      return { store, events, clock, types: () => events.map(({ type }) => type) }
    }

    /** Real databases answer in their own time; the store's timers only when told. */
    async function until({ clock, types }: Opened, expected: string[]): Promise<void> {
      for (let turn = 0; turn < 400 && types().length < expected.length; turn++) await clock.advance(500)
      expect(types()).toEqual(expected)
    }

    it(`W1 (${platform}): a transaction that is aborted leaves neither message nor offset`, async () => {
      const { store, types } = await open()
      await store.commit('room', recordAt(1), messagesOf(1))
      const put = IDBObjectStore.prototype.put
      vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(function (
        this: IDBObjectStore,
        ...args
      ) {
        const request = put.apply(this, args)
        this.transaction.abort()
        return request
      })
      await store.commit('room', recordAt(2), messagesOf(2))
      expect(types()).toEqual(['degraded'])
      const rows = (await contents(name, 'commits')) as { record: unknown }[]
      expect(rows.map(({ record }) => record)).toEqual([recordAt(1)])
    })

    it(`W1 (${platform}): every state that another connection can see has the offset of its last message`, async () => {
      const { store } = await open()
      const writing = Array.from({ length: 50 }, (_, at) =>
        store.commit('room', recordAt(at + 1), messagesOf(at + 1)),
      )
      for (let look = 0; look < 20; look++) {
        const rows = (await contents(name, 'commits')) as {
          record: unknown
          messages: ReturnType<typeof messagesOf>
        }[]
        const last = rows.at(-1)
        if (last) expect(last.record).toEqual({ positions: [last.messages.at(-1)?.offset], told: [] })
      }
      await Promise.all(writing)
    })

    it(`W1 (${platform}): what was committed is on its way before the call returns, in one transaction a burst`, async () => {
      const { store } = await open()
      await store.load('room')
      const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction')
      const put = vi.spyOn(IDBObjectStore.prototype, 'put')
      const first = store.commit('room', recordAt(1), messagesOf(1))
      expect(put).toHaveBeenCalledTimes(1)
      const rest = Array.from({ length: 99 }, (_, at) =>
        store.commit('room', recordAt(at + 2), messagesOf(at + 2)),
      )
      expect(put).toHaveBeenCalledTimes(1)
      await Promise.all([first, ...rest])
      expect([transaction.mock.calls.length, put.mock.calls.length]).toEqual([2, 2])
    })

    it(`W2 (${platform}): the outbox is written strictly, offsets relaxed`, async () => {
      const { store } = await open()
      await store.load('room')
      const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction')
      await store.putOutbox(rowOf('r1', 1))
      await store.commit('room', recordAt(1), messagesOf(1))
      await store.deleteOutbox('r1')
      expect(transaction.mock.calls.map(([names, mode, options]) => [[names].flat(), mode, options])).toEqual(
        [
          [['outbox'], 'readwrite', { durability: 'strict' }],
          [['commits'], 'readwrite', { durability: 'relaxed' }],
          [['outbox'], 'readwrite', { durability: 'strict' }],
        ],
      )
    })

    it(`W3 (${platform}): deleted under the page → lost, and it goes on`, async () => {
      const opened = await open()
      const { store } = opened
      await store.commit('room', recordAt(1), messagesOf(1))
      await remove(name)
      await until(opened, ['degraded', 'lost', 'restored'])
      expect(await store.load('room')).toBeNull()
      await store.commit('room', recordAt(2), messagesOf(2))
      expect(await store.load('room')).toEqual({ record: recordAt(2), messages: messagesOf(2) })
    })

    it(`W3 (${platform}): deleted, and made anew by another tab before it is opened again → lost`, async () => {
      const opened = await open()
      await opened.store.commit('room', recordAt(1), messagesOf(1))
      await remove(name)
      const other = await open(name)
      await other.store.commit('room', recordAt(7), messagesOf(7))
      await until(opened, ['degraded', 'lost', 'restored'])
      expect(other.types()).toEqual([])
    })

    it(`W3 (${platform}): emptied while another had the database → lost`, async () => {
      const opened = await open()
      await opened.store.commit('room', recordAt(1), messagesOf(1))
      const db = await connect(name)
      await done(db.transaction('commits', 'readwrite').objectStore('commits').clear())
      db.close()
      await takeAway(name)
      await until(opened, ['degraded', 'lost', 'restored'])
    })

    it(`W3 (${platform}): a database that only was away is not lost, nor is one that was wiped`, async () => {
      const opened = await open()
      const { store } = opened
      await store.commit('room', recordAt(1), messagesOf(1))
      await takeAway(name)
      await store.commit('room', recordAt(2), messagesOf(2))
      await until(opened, ['degraded', 'restored'])
      expect(await store.load('room')).toEqual({ record: recordAt(2), messages: messagesOf(1, 2) })
      await store.wipe()
      await takeAway(name)
      await until(opened, ['degraded', 'restored', 'degraded', 'restored'])
    })

    it(`W3, N14 (${platform}): deleted under the page: what waits is written anew, and the next page sends it once`, async () => {
      const database = fresh()
      const { page, until: eventually, sent } = client(database)
      const first = page()
      first.client.connect()
      await eventually(() => first.client.isConnected)
      const sending = first.publish('m1')
      await eventually(() => sent.length === 1)
      first.client.disconnect()
      const waiting = first.publish('m2')
      await sending.queued
      await waiting.queued
      const rows = [
        { id: 'm1', firstAttemptAt: expect.any(Number) },
        { id: 'm2', firstAttemptAt: null },
      ]
      expect(await contents(database, 'outbox')).toMatchObject(rows)
      await remove(database)
      await eventually(() => first.types.includes('restored'))
      expect(first.types).toEqual(['degraded', 'lost', 'restored'])
      expect(await contents(database, 'outbox')).toMatchObject(rows)
      await first.client.close()

      const second = page()
      second.client.connect()
      await eventually(() => sent.length > 2 && second.client.outbox$.value.length === 0)
      const [{ identity } = {}] = sent
      expect(sent).toMatchObject([
        { identity, id: 'm1', isAgain: false },
        { identity, id: 'm1', isAgain: true },
        { identity, id: 'm2', isAgain: false },
      ])
      await second.client.close()
      expect(await contents(database, 'outbox')).toEqual([])
    })

    it(`W5 (${platform}): away, everything goes on in memory; back, it is written`, async () => {
      const opened = await open()
      const { store, clock } = opened
      await store.setValue('key', 'stored')
      await store.commit('old', recordAt(1), messagesOf(1))
      const newer = await upgrade(name, 2)
      await until(opened, ['degraded'])
      expect(await store.load('room')).toBeNull()
      await store.commit('room', recordAt(1), messagesOf(1))
      await store.putOutbox(rowOf('r1', 1))
      await store.putOutbox(rowOf('r2', 2))
      await store.deleteOutbox('r2')
      await store.setValue('key', 'made up')
      expect(await store.load('room')).toEqual({ record: recordAt(1), messages: messagesOf(1) })
      expect(await store.listOutbox()).toEqual([rowOf('r1', 1)])
      expect(await store.getValue('key')).toBe('made up')
      expect(await store.addValue('key', 'another')).toBe('made up')
      expect(await store.addValue('added', 'meanwhile')).toBe('meanwhile')
      await clock.advance(100_000)
      expect(opened.types()).toEqual(['degraded'])
      newer.close()
      await remove(name)
      await until(opened, ['degraded', 'lost', 'restored'])
      expect(await contents(name, 'outbox')).toEqual([rowOf('r1', 1)])
      expect(await store.load('room')).toEqual({ record: recordAt(1), messages: messagesOf(1) })
      expect(await store.addValue('added', 'later')).toBe('meanwhile')
    })

    it(`W5 (${platform}): two tabs of different versions work, and the upgrade does not wait`, async () => {
      const opened = await open()
      await opened.store.commit('room', recordAt(1), messagesOf(1))
      const newer = await upgrade(name, 2)
      const other = await open(name)
      expect(other.types()).toEqual(['degraded'])
      await opened.store.commit('room', recordAt(2), messagesOf(2))
      await other.store.commit('room', recordAt(5), messagesOf(5))
      expect((await other.store.load('room'))?.record).toEqual(recordAt(5))
      expect(await done(newer.transaction('commits').objectStore('commits').count())).toBe(1)
      newer.close()
    })

    it(`W5 (${platform}): blocked by an older tab → in memory at once, and written when it lets go`, async () => {
      const older = await done(indexedDB.open(fresh(), 1))
      older.close()
      await remove(name)
      const holder = await done(indexedDB.open(name, 1))
      // A deletion that waits for the holder makes the store's own request wait too.
      const removing = remove(name)
      const clock = createVirtualClock()
      const store = indexedDb({ name, clock })
      stores.push(store)
      const types: string[] = []
      store.subscribe(({ type }) => types.push(type))
      const opening = store.open('ada')
      await vi.waitFor(async () => {
        await clock.advance(1_000)
        expect(types).toEqual(['degraded'])
      })
      await opening
      await store.commit('room', recordAt(1), messagesOf(1))
      holder.close()
      await removing
      await vi.waitFor(() => expect(types).toEqual(['degraded', 'restored']))
      expect(await contents(name, 'commits')).toHaveLength(1)
    })

    it(`W5 (${platform}): what begins in memory does not pretend to continue what was stored`, async () => {
      const database = fresh()
      const first = await open(database)
      await first.store.commit('room', recordAt(3), messagesOf(1, 3))
      const opened = await open(database)
      await takeAway(database)
      await until(opened, ['degraded'])
      expect(await opened.store.load('room')).toBeNull()
      await opened.store.commit('room', recordAt(9), messagesOf(9))
      await until(opened, ['degraded', 'restored'])
      expect(await opened.store.load('room')).toEqual({ record: recordAt(9), messages: messagesOf(9) })
    })

    it(`W11 (${platform}): wiped while the database is away: gone when it is back`, async () => {
      const opened = await open()
      await opened.store.commit('room', recordAt(1), messagesOf(1))
      await opened.store.putOutbox(rowOf('r1', 1))
      await takeAway(name)
      await until(opened, ['degraded'])
      await opened.store.wipe()
      await until(opened, ['degraded', 'restored'])
      expect([await opened.store.load('room'), await opened.store.listOutbox()]).toEqual([null, []])
      expect([await contents(name, 'commits'), await contents(name, 'outbox')]).toEqual([[], []])
    })

    it(`W4 (${platform}): full: cached messages go first, oldest first; positions and the outbox stay`, async () => {
      const { store, types } = await open()
      await store.putOutbox(rowOf('r0', 0))
      for (let seq = 1; seq <= 8; seq++) {
        await store.commit('room', recordAt(seq), messagesOf(seq))
        await store.commit('quiet', recordAt(seq), messagesOf(seq))
      }
      fullUntil(5)
      await store.putOutbox(rowOf('r1', 1))
      expect(await store.listOutbox()).toEqual([rowOf('r0', 0), rowOf('r1', 1)])
      const [room, quiet] = [await store.load('room'), await store.load('quiet')]
      expect([room?.record, quiet?.record]).toEqual([recordAt(8), recordAt(8)])
      expect(idsOf(room?.messages)).toEqual(numbered(9 - (room?.messages.length ?? 0), 8))
      expect(room?.messages.length).toBeLessThan(8)
      expect(types()).toEqual([])
    })

    it(`W4 (${platform}): full with nothing left to evict → outbox_full, and the cache goes on in memory`, async () => {
      const opened = await open()
      const { store, types } = opened
      await store.putOutbox(rowOf('r0', 0))
      await store.commit('room', recordAt(1), messagesOf(1))
      const full = fullUntil(Number.POSITIVE_INFINITY)
      const error = await store.putOutbox(rowOf('r1', 1)).catch((reason) => reason)
      expect(error).toBeInstanceOf(HoldfastError)
      expect(error.code).toBe('outbox_full')
      await store.commit('room', recordAt(2), messagesOf(2))
      expect(types()).toEqual(['degraded'])
      expect(await contents(name, 'outbox')).toEqual([rowOf('r0', 0)])
      full.end()
      await until(opened, ['degraded', 'restored'])
      expect((await store.load('room'))?.record).toEqual(recordAt(2))
    })
  })
}

interface SentPublish {
  /** Follows from the anonymous key, as on a hub. */
  readonly identity: string
  readonly id: string | undefined
  /** Whether it says that it was sent before. */
  readonly isAgain: boolean
}

/** An anonymous client on a database, page after page; its server leaves the very first publish without an answer. */
function client(name: string) {
  const clock = createVirtualClock()
  const locks = processLocks()
  const sent: SentPublish[] = []

  function peer(): ReturnType<typeof scriptedPeer> {
    let identity = ''
    return scriptedPeer({
      answer(frame) {
        if (frame.type === 'auth') {
          identity = `anonymous:${frame.anonymousKey}`
          return welcomeFrame({ id: frame.id, identity: { id: identity, isAnonymous: true } })
        }
        if (frame.type !== 'publish') return undefined
        sent.push({ identity, id: frame.messages[0]?.id, isAgain: frame.ageMs !== undefined })
        return sent.length === 1 ? null : { type: 'ok', id: frame.id, at: null, time: 1 }
      },
    })
  }

  function page() {
    const store = indexedDb({ name, clock })
    const types: string[] = []
    store.subscribe(({ type }) => types.push(type))
    const transports = [createFakeTransport({ clock, onLink: peer() })]
    const client = createClient({ transports, store, clock, locks, outbox: { persist: true } })
    const publish = (id: string) => {
      const made = client.channel('room').publish('message', 1, { id })
      made.catch(() => undefined)
      return made
    }
    return { client, types, publish }
  }

  /** Real databases answer in their own time; timers only when told. */
  async function until(isSo: () => boolean): Promise<void> {
    for (let turn = 0; turn < 400 && !isSo(); turn++) await clock.advance(50)
    expect(isSo()).toBe(true)
  }

  return { page, until, sent }
}

/** Puts of anything but a mere record fail for want of space, until so many rows were deleted. */
function fullUntil(deletions: number): { end(): void } {
  const { put, delete: remove } = IDBObjectStore.prototype
  let deleted = 0
  const deleting = vi.spyOn(IDBObjectStore.prototype, 'delete').mockImplementation(function (
    this: IDBObjectStore,
    ...args
  ) {
    deleted++
    return remove.apply(this, args)
  })
  const putting = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (
    this: IDBObjectStore,
    ...args
  ) {
    const [{ messages }] = args as [{ messages?: unknown[] }]
    if (deleted < deletions && messages?.length !== 0)
      throw new DOMException('no space', 'QuotaExceededError')
    return put.apply(this, args)
  })
  return {
    end() {
      deleting.mockRestore()
      putting.mockRestore()
    },
  }
}

/** Another connection upgrades the database: whoever had it must let go. */
async function upgrade(name: string, version: number): Promise<IDBDatabase> {
  return done(indexedDB.open(name, version))
}

/** Takes the database from whoever has it, and gives it back unchanged. */
async function takeAway(name: string): Promise<void> {
  // A deletion would do it too, but would leave nothing; a version that is refused in its upgrade changes nothing.
  const db = await connect(name)
  const { version } = db
  db.close()
  const request = indexedDB.open(name, version + 1)
  request.onupgradeneeded = () => request.transaction?.abort()
  await done(request).catch(() => undefined)
}
