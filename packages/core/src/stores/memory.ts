import type { CachedMessage, ChannelRecord, OutboxRow, Store } from './store.ts'

export interface MemoryStoreOptions {
  /** Messages kept a channel. Default: 1,000. */
  readonly maxMessages?: number
}

interface Cache {
  record: ChannelRecord
  /** At most twice as many as are kept, so that dropping the oldest costs little a message. */
  messages: CachedMessage[]
}

interface ScopeData {
  readonly channels: Map<string, Cache>
  readonly outbox: Map<string, OutboxRow>
}

/** A store that lives as long as the object: the default, and what others fall back to. */
export function memoryStore({ maxMessages = 1_000 }: MemoryStoreOptions = {}): Store {
  const scopes = new Map<string, ScopeData>()
  const values = new Map<string, string>()
  let scope = ''
  const data = (): ScopeData => {
    const existing = scopes.get(scope)
    if (existing) return existing
    const fresh: ScopeData = { channels: new Map(), outbox: new Map() }
    scopes.set(scope, fresh)
    return fresh
  }
  return {
    async open(next) {
      scope = next
    },
    async load(channel) {
      const cache = data().channels.get(channel)
      return cache ? { record: cache.record, messages: cache.messages.slice(-maxMessages) } : null
    },
    async commit(channel, record, messages) {
      const { channels } = data()
      const cache = channels.get(channel)
      if (!cache) {
        channels.set(channel, { record, messages: [...messages] })
        return
      }
      cache.record = record
      for (const message of messages) cache.messages.push(message)
      if (cache.messages.length > 2 * maxMessages) cache.messages = cache.messages.slice(-maxMessages)
    },
    async putOutbox(row) {
      data().outbox.set(row.id, row)
    },
    async deleteOutbox(id) {
      data().outbox.delete(id)
    },
    async listOutbox() {
      return [...data().outbox.values()].sort((a, b) => a.order - b.order)
    },
    async getValue(key) {
      return values.get(key) ?? null
    },
    async setValue(key, value) {
      values.set(key, value)
    },
    async addValue(key, value) {
      const held = values.get(key) ?? value
      values.set(key, held)
      return held
    },
    async wipe() {
      scopes.delete(scope)
    },
    subscribe: () => () => undefined,
    async close() {},
  }
}
