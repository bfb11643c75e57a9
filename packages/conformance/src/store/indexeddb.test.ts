import 'fake-indexeddb/auto'
import type { Store } from '@holdfast/core'
import { indexedDb } from '@holdfast/core/stores/indexeddb'
import { expect, it } from 'vitest'
import { faultSuite } from './faults.ts'
import { messagesOf, recordAt, storeSuite } from './suite.ts'

let databases = 0

storeSuite({
  name: 'fake-indexeddb',
  capabilities: { survives: true },
  async start() {
    const name = `suite-${databases++}`
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

faultSuite('fake-indexeddb')

it('W5 (node): without IndexedDB it keeps everything in memory, and says so', async () => {
  const { indexedDB } = globalThis
  Reflect.deleteProperty(globalThis, 'indexedDB')
  try {
    const store = indexedDb({ name: 'nowhere' })
    const events: string[] = []
    store.subscribe(({ type }) => events.push(type))
    await store.open('ada')
    await store.commit('room', recordAt(1), messagesOf(1))
    await store.setValue('key', 'one')
    expect(await store.load('room')).toEqual({ record: recordAt(1), messages: messagesOf(1) })
    expect(await store.getValue('key')).toBe('one')
    expect(events).toEqual(['degraded'])
    await store.close()
  } finally {
    Object.assign(globalThis, { indexedDB })
  }
})
