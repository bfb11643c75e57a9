import { memoryStore } from '@holdfast/core'
import { storeSuite } from './suite.ts'

storeSuite({
  name: 'memory',
  capabilities: { survives: 'it is the memory of one object' },
  start: async () => ({ open: () => memoryStore({ maxMessages: 10 }), stop: async () => undefined }),
})
