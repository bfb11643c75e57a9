/** What outlives a page: its origin's database and locks. A page writes with a delay, and may end before it has. */
import {
  type CachedChannel,
  type ChannelRecord,
  memoryStore,
  type OutboxRow,
  outboxJournal,
  type Store,
} from '@holdfast/core'
import type { Locks } from '@holdfast/core/ports'
import { parseOffset } from '@holdfast/core/protocol'
import type { Chance } from './chance.ts'
import type { Life } from './life.ts'

const LONGEST_MS = 3

/** What one page wrote of a channel, after what it found: a cache without holes. */
interface Chain {
  readonly page: Life
  readonly content: CachedChannel
}

export class Disk {
  readonly #content: Store = memoryStore()
  /** Of each channel, the last written last. */
  readonly #chains = new Map<string, readonly Chain[]>()
  readonly #held = new Map<string, Life>()
  /** The outbox's rows, for whoever looks from outside. */
  readonly rows = new Map<string, OutboxRow>()

  /** What is kept of a channel: of the page that wrote last, unless another one had come further. */
  find(channel: string): CachedChannel | null {
    const chains = this.#chains.get(channel) ?? []
    let best = chains.at(-1)?.content ?? null
    for (const { content } of chains) if (best && isFurther(content.record, best.record)) best = content
    return best
  }

  /** The database as one page sees it. `flush` ends it: of what is under way, the first so many writes are done. */
  page(life: Life, chance: Chance): { store: Store; locks: Locks; flush: () => void } {
    /** Each takes effect, and answers what tells the page so. In the order of the calls, whatever a sleep did to the timers. */
    const waiting: (() => () => void)[] = []
    const content = this.#content
    const loaded = new Map<string, CachedChannel>()
    const call = <T>(apply: () => Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        waiting.push(() => {
          const result = apply()
          return () => void result.then(resolve, reject)
        })
        let due = chance.between(0, LONGEST_MS)
        due = Math.max(due, lastDue - life.time)
        lastDue = life.time + due
        life.after(due, () => waiting.shift()?.()())
      })
    let lastDue = 0
    const store: Store = {
      open: (scope) => call(() => content.open(scope)),
      load: (channel) =>
        call(async () => {
          const found = this.find(channel)
          if (found) loaded.set(channel, found)
          return found
        }),
      commit: (channel, record, messages) =>
        call(async () => {
          const chains = this.#chains.get(channel) ?? []
          const own = chains.find(({ page }) => page === life)?.content ?? loaded.get(channel)
          const added = { record, messages: [...(own?.messages ?? []), ...messages] }
          const others = chains.filter(({ page }) => page !== life)
          this.#chains.set(channel, [...others, { page: life, content: added }])
        }),
      putOutbox: (row) =>
        call(() => {
          this.rows.set(row.id, row)
          return content.putOutbox(row)
        }),
      deleteOutbox: (id) =>
        call(() => {
          this.rows.delete(id)
          return content.deleteOutbox(id)
        }),
      listOutbox: () => call(() => content.listOutbox()),
      getValue: (key) => call(() => content.getValue(key)),
      setValue: (key, value) => call(() => content.setValue(key, value)),
      addValue: (key, value) => call(() => content.addValue(key, value)),
      journal: (options) => outboxJournal(store, options),
      wipe: () => call(() => content.wipe()),
      subscribe: () => () => undefined,
      close: () => Promise.resolve(),
    }
    const flush = (): void => {
      for (let left = chance.between(0, waiting.length); left > 0; left--) waiting.shift()?.()
      waiting.length = 0
    }
    return { store, locks: this.#locks(life), flush }
  }

  /** A lock ends with its page. */
  #locks(life: Life): Locks {
    return {
      tryAcquire: async (name) => {
        const holder = this.#held.get(name)
        if (holder && !holder.isOver) return null
        this.#held.set(name, life)
        return () => {
          if (this.#held.get(name) === life) this.#held.delete(name)
        }
      },
    }
  }
}

function isFurther(record: ChannelRecord, than: ChannelRecord): boolean {
  const there = parseOffset(record.positions[0] ?? '')
  const here = parseOffset(than.positions[0] ?? '')
  if (!there || !here || there.term !== here.term || there.seq <= here.seq) return false
  return !than.told.some(([term, to]) => term === there.term && to >= there.seq)
}
