import { expect, it } from 'vitest'
import { processLocks } from '../ports/index.ts'
import { memoryStore } from '../stores/memory.ts'
import type { Store } from '../stores/store.ts'
import { HoldfastError } from '../errors.ts'
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

it('N14: rows of a page that was reloaded are sent once, in order, before new ones', async () => {
  const page = await persistent()
  for (const n of [1, 2, 3]) await page.outbox.publish('a', [{ data: n, id: `m${n}` }], {}).catch(ignore).queued
  page.outbox.close()
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
