import 'fake-indexeddb/auto'
import type { Store } from '@holdfast/core'
import { indexedDb } from '@holdfast/core/stores/indexeddb'
import { storeSuite } from './suite.ts'

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
