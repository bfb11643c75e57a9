import type { Store } from '@holdfast/core'
import { indexedDb } from '@holdfast/core/stores/indexeddb'
import { expect, it } from 'vitest'
import { contents } from './database-kit.ts'
import { faultSuite } from './faults.ts'
import { messagesOf, recordAt, storeSuite } from './suite.ts'

let databases = 0

storeSuite({
  name: 'chromium',
  capabilities: { survives: true },
  async start() {
    const name = `suite-${databases++}-${crypto.randomUUID()}`
    const stores: Store[] = []
    return {
      open() {
        const store = indexedDb({ name, maxMessages: 10 })
        stores.push(store)
        return store
      },
      stop: async () => {
        await Promise.all(stores.map((store) => store.close()))
      },
    }
  },
})

faultSuite('chromium')

it('W1 (chromium): what a page had committed when it went away is there, message and offset together', async () => {
  const name = `frame-${crypto.randomUUID()}`
  const frame = document.createElement('iframe')
  document.body.append(frame)
  const page = frame.contentWindow as (Window & typeof globalThis) | null
  if (!page) throw new Error('no frame')
  // The store uses the frame's database, which ends with the frame.
  const own = Object.getOwnPropertyDescriptor(globalThis, 'indexedDB')
  Object.defineProperty(globalThis, 'indexedDB', { value: page.indexedDB, configurable: true })
  const store = indexedDb({ name })
  try {
    await store.open('ada')
    await store.load('room')
    for (let seq = 1; seq <= 20; seq++) await store.commit('room', recordAt(seq), messagesOf(seq))
    store.commit('room', recordAt(21), messagesOf(21))
    frame.remove()
  } finally {
    if (own) Object.defineProperty(globalThis, 'indexedDB', own)
    else Reflect.deleteProperty(globalThis, 'indexedDB')
  }
  const rows = (await contents(name, 'commits')) as {
    record: unknown
    messages: ReturnType<typeof messagesOf>
  }[]
  expect(rows.length).toBeGreaterThanOrEqual(20)
  for (const { record, messages } of rows) {
    expect(record).toEqual({ positions: [messages.at(-1)?.offset], told: [] })
  }
})

it('writes at least 20,000 messages a second in commits of 100', async () => {
  const store = indexedDb({ name: `speed-${crypto.randomUUID()}` })
  await store.open('ada')
  await store.load('room')
  const count = 20_000
  const begun = performance.now()
  const commits: Promise<void>[] = []
  for (let seq = 1; seq <= count; seq += 100)
    commits.push(store.commit('room', recordAt(seq + 99), messagesOf(seq, seq + 99)))
  await Promise.all(commits)
  const perSecond = (count / (performance.now() - begun)) * 1_000
  await store.close()
  expect(perSecond).toBeGreaterThan(20_000)
})
