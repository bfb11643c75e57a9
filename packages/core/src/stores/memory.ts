import type { CachedChannel, CachedMessage, OutboxRow, Store } from './store.ts'

export interface MemoryStoreOptions {
  /** Messages kept a channel. Default: 1,000. */
  readonly maxMessages?: number
}

interface ScopeData {
  readonly channels: Map<string, CachedChannel>
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
      return data().channels.get(channel) ?? null
    },
    async commit(channel, record, messages) {
      const { channels } = data()
      const kept: readonly CachedMessage[] = channels.get(channel)?.messages ?? []
      channels.set(channel, {
        record,
        messages: messages.length > 0 ? appended(kept, messages, maxMessages) : kept,
      })
    },
    async forget(channel) {
      data().channels.delete(channel)
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
    async wipe() {
      scopes.delete(scope)
    },
    subscribe: () => () => undefined,
    async close() {},
  }
}

function appended(
  kept: readonly CachedMessage[],
  messages: readonly CachedMessage[],
  limit: number,
): CachedMessage[] {
  const all = [...kept, ...messages]
  return all.length > limit ? all.slice(all.length - limit) : all
}
