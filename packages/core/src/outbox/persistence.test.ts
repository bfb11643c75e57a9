import { expect, it } from 'vitest'
import { HoldfastError } from '../errors.ts'
import { type Locks, processLocks } from '../ports/index.ts'
import { memoryStore } from '../stores/memory.ts'
import type { Store } from '../stores/store.ts'
import { settled } from '../testing/index.ts'
import { scene } from './scene.test-kit.ts'

const ids = (sent: readonly { ids: readonly string[] }[]): string[] => sent.flatMap((one) => one.ids)
const ignore = (): undefined => undefined

async function persistent(settings: Parameters<typeof scene>[0] = {}) {
  const made = scene({ persist: true, ...settings })
  await made.outbox.start(made.scope)
  return made
}

/** A store whose outbox writes wait to be let through. */
function slowStore(): Store & { finish: () => void } {
  const store = memoryStore()
  let waiting: (() => void)[] = []
  return {
    ...store,
    putOutbox: (row) =>
      new Promise((resolve, reject) => waiting.push(() => store.putOutbox(row).then(resolve, reject))),
    finish() {
      for (const go of waiting) go()
      waiting = []
    },
  }
}

it('W2: the row is in the store before `queued` resolves and before a socket has it', async () => {
  const store = slowStore()
  const { outbox, sent, online } = await persistent({ store })
  online()
  const publish = outbox.publish('a', [{ data: 1, id: 'm1' }], {})
  let isQueued = false
  publish.queued.then(() => {
    isQueued = true
  })
  await settled()
  expect([isQueued, sent.length]).toEqual([false, 0])
  store.finish()
  await settled()
  expect([isQueued, sent.length]).toEqual([true, 1])
  expect(await store.listOutbox()).toMatchObject([{ id: 'm1', owner: 'a' }])
  sent[0]?.ack()
  await publish
  await settled()
  expect(await store.listOutbox()).toEqual([])
})

it('W4: a store without room rejects with outbox_full, and nothing is sent', async () => {
  const store: Store = { ...memoryStore(), putOutbox: () => Promise.reject(new HoldfastError('outbox_full')) }
  const { outbox, sent, online } = await persistent({ store })
  online()
  const publish = outbox.publish('a', [{ data: 1 }], {})
  await expect(publish).rejects.toMatchObject({ code: 'outbox_full', outcome: 'rejected' })
  await settled()
  expect(sent).toEqual([])
  expect(outbox.rows$.value).toEqual([])
})

/** The locks of one page: all of them end with it. */
function pageLocks(origin: Locks): Locks & { end: () => void } {
  const held: (() => void)[] = []
  return {
    async tryAcquire(name) {
      const release = await origin.tryAcquire(name)
      if (release) held.push(release)
      return release
    },
    end() {
      for (const release of held) release()
    },
  }
}

/** A page that published `m1`…`m3` and died without a word, `m1` perhaps sent. */
async function deadPage(isOnline = false) {
  const origin = processLocks()
  const locks = pageLocks(origin)
  const page = await persistent({ locks })
  if (isOnline) page.online()
  for (const n of [1, 2, 3]) {
    const publish = page.outbox.publish('a', [{ data: n, id: `m${n}` }], {})
    publish.catch(ignore)
    await publish.queued
  }
  return { page, origin, locks }
}

it('N14: rows of a page that was reloaded are sent once, in order, before new ones', async () => {
  const { page, origin, locks } = await deadPage()
  locks.end()
  const { outbox, sent, online, store } = page.other('b', { locks: origin })
  outbox.publish('a', [{ data: 4, id: 'm4' }], {})
  online()
  await settled()
  expect(sent).toEqual([])
  await outbox.start(page.scope)
  expect(outbox.rows$.value.map(({ id }) => id)).toEqual(['m1', 'm2', 'm3', 'm4'])
  for (let at = 0; at < 4; at++) {
    await settled()
    sent[at]?.ack()
  }
  await settled()
  expect(ids(sent)).toEqual(['m1', 'm2', 'm3', 'm4'])
  expect(sent[0]?.command.ageMs).toBeUndefined()
  expect(await store.listOutbox()).toEqual([])
})

it('N14: a row that a socket had is adopted with its age', async () => {
  const { page, origin, locks } = await deadPage(true)
  expect(ids(page.sent)).toEqual(['m1'])
  locks.end()
  await page.clock.advance(5_000)
  const next = page.other('b', { locks: origin })
  next.online()
  await next.outbox.start(page.scope)
  await settled()
  expect(next.sent[0]).toMatchObject({ ids: ['m1'], command: { ageMs: 5_000 } })
  next.sent[0]?.ack({ duplicate: true })
  await settled()
  expect(next.sent[1]?.command.ageMs).toBeUndefined()
})

it('N14: rows of a live page are left alone; of a dead one, exactly one other takes them', async () => {
  const { page, origin, locks } = await deadPage()
  const others = ['b', 'c', 'd'].map((id) => page.other(id, { locks: origin }))
  for (const other of others) {
    other.online()
    await other.outbox.start(page.scope)
  }
  await page.clock.advance(31_000)
  expect(others.flatMap(({ sent }) => sent)).toEqual([])
  locks.end()
  await page.clock.advance(30_000)
  for (let n = 0; n < 3; n++) {
    for (const { sent } of others) sent.at(-1)?.ack()
    await settled()
  }
  expect(others.map(({ sent }) => ids(sent)).filter((sent) => sent.length > 0)).toEqual([['m1', 'm2', 'm3']])
})

it('N14: whoever read the rows before another took them does not take them too', async () => {
  const { page, origin, locks } = await deadPage()
  locks.end()
  let goOn: () => void = ignore
  const gate = new Promise<void>((resolve) => {
    goOn = resolve
  })
  let isFirst = true
  const late: Store = {
    ...page.store,
    async listOutbox() {
      const rows = await page.store.listOutbox()
      if (isFirst) {
        isFirst = false
        await gate
      }
      return rows
    },
  }
  const [one, two] = [page.other('b', { locks: origin }), page.other('c', { locks: origin, store: late })]
  const starting = two.outbox.start(page.scope)
  await settled()
  await one.outbox.start(page.scope)
  goOn()
  await starting
  expect([one, two].map(({ outbox }) => outbox.rows$.value.length)).toEqual([3, 0])
})

it('N14: a new session looks for rows of dead pages at once', async () => {
  const { page, origin, locks } = await deadPage()
  const other = page.other('b', { locks: origin })
  await other.outbox.start(page.scope)
  locks.end()
  other.online()
  await settled()
  expect(ids(other.sent)).toEqual(['m1'])
})

it('N14: a row that no attempt can have stored says so on disk, and may be cancelled by who adopts it', async () => {
  const { page, origin, locks } = await deadPage(true)
  const stored = async (): Promise<(number | null)[]> =>
    (await page.store.listOutbox()).map(({ firstAttemptAt }) => firstAttemptAt)
  const sentAt = page.clock.now()
  expect(await stored()).toEqual([sentAt, null, null])
  page.sent[0]?.fail('internal')
  await settled()
  expect(await stored()).toEqual([null, null, null])
  await page.clock.advance(5_000)
  expect(ids(page.sent)).toEqual(['m1', 'm1'])
  expect((await stored())[0]).toBeGreaterThan(sentAt)
  page.sent[1]?.fail('internal')
  await settled()
  locks.end()
  const next = page.other('b', { locks: origin })
  await next.outbox.start(page.scope)
  expect(next.outbox.rows$.value[0]?.publish.cancel()).toBe(true)
  await settled()
  expect((await page.store.listOutbox()).map(({ id }) => id)).toEqual(['m2', 'm3'])
})

it('N14: a store that has lost its rows gets those that wait anew, with when they were first sent', async () => {
  const { outbox, online, offline, scope, sent, store, clock, other } = await persistent()
  online()
  for (const id of ['m1', 'm2', 'm3']) outbox.publish('a', [{ data: 1, id }], {}).catch(ignore)
  await settled()
  sent[0]?.ack()
  await settled()
  await clock.advance(1_000)
  offline()
  await settled()
  const before = await store.listOutbox()
  expect(before.map(({ id, firstAttemptAt }) => [id, firstAttemptAt])).toEqual([
    ['m2', clock.now() - 1_000],
    ['m3', null],
  ])
  await store.wipe()
  outbox.storageLost()
  await settled()
  expect(await store.listOutbox()).toEqual(before)
  outbox.close()
  const next = other('b')
  await next.outbox.start(scope)
  next.online()
  await settled()
  next.sent[0]?.ack()
  await settled()
  expect([ids(next.sent), next.sent[0]?.command.ageMs]).toEqual([['m2', 'm3'], 1_000])
})

it('N14: what is published before the store is open is not written to it by a loss', async () => {
  const { outbox, store } = scene({ persist: true })
  outbox.publish('a', [{ data: 1 }], {}).catch(ignore)
  outbox.storageLost()
  await settled()
  expect(await store.listOutbox()).toEqual([])
})

it('N14: rows stay when the identity ends, and are sent when it returns; nobody else sends them', async () => {
  const { outbox, online, scope, sent, store } = await persistent()
  const publish = outbox.publish('a', [{ data: 1, id: 'm1' }], {})
  await publish.queued
  outbox.stop()
  await expect(publish).rejects.toMatchObject({ code: 'cancelled', outcome: 'unknown' })
  online()
  await settled()
  expect(sent).toEqual([])
  expect(await store.listOutbox()).toHaveLength(1)
  await outbox.start(scope)
  await settled()
  expect(ids(sent)).toEqual(['m1'])
})

it('N14: a row that expired while no page was open is dropped', async () => {
  const { page, origin, locks } = await deadPage()
  locks.end()
  await page.clock.advance(24 * 3_600_000)
  const other = page.other('b', { locks: origin })
  other.online()
  await other.outbox.start(page.scope)
  await page.clock.advance(1)
  expect(other.sent).toEqual([])
  expect(await page.store.listOutbox()).toEqual([])
})

it('N14: cancelled rows leave the store', async () => {
  const { outbox, store } = await persistent()
  const publish = outbox.publish('a', [{ data: 1 }], {})
  publish.catch(ignore)
  await publish.queued
  publish.cancel()
  await settled()
  expect(await store.listOutbox()).toEqual([])
})
