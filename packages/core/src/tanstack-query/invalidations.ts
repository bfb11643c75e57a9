/** Which queries are to be invalidated next: what is named several times is invalidated once. */
import { hashKey, type Query, type QueryClient, type QueryKey } from '@tanstack/query-core'
import type { Clock, Timer } from '../ports/index.ts'

/** A key with all that begin with it, or, where `exact`, the query of this key alone. */
interface Target {
  readonly queryKey: QueryKey
  readonly exact?: true
}

/**
 * Laws: the first key that is named opens a window; at its end every key that was named in it is invalidated, once. So
 * keys wait for a window at most, however many follow, and no key is invalidated twice within one. A query that was being
 * fetched then may have read what was there before, and is invalidated again after that: every fetch is let finish, since
 * a steady flow of messages would else cancel those that take longer than a window, for ever.
 */
export class Invalidations {
  readonly #queryClient: QueryClient
  readonly #clock: Clock
  readonly #waitMs: number
  /** What was named in this window, by what it is compared by. */
  readonly #named = new Map<string, Target>()
  /** Queries that were being fetched when they were invalidated, until that has ended. */
  readonly #overtaken = new Set<Query>()
  readonly #unwatch: () => void
  #window: Timer | null = null

  constructor(queryClient: QueryClient, clock: Clock, waitMs: number) {
    this.#queryClient = queryClient
    this.#clock = clock
    this.#waitMs = waitMs
    this.#unwatch = queryClient.getQueryCache().subscribe(({ type, query }) => {
      if (!this.#overtaken.has(query)) return
      if (type === 'removed') this.#overtaken.delete(query)
      else if (query.state.fetchStatus === 'idle') {
        this.#overtaken.delete(query)
        this.#add(`exactly ${query.queryHash}`, { queryKey: query.queryKey, exact: true })
      }
    })
  }

  /** @throws TypeError for a key that cannot be hashed; then nothing is named. */
  name(keys: readonly QueryKey[]): void {
    const hashed = keys.map((queryKey) => [hashKey(queryKey), queryKey] as const)
    for (const [hash, queryKey] of hashed) this.#add(hash, { queryKey })
  }

  /** Invalidates at once what is waiting, since nobody will do it later, and ends. */
  end(): void {
    this.#unwatch()
    this.#window?.clear()
    this.#window = null
    const last = [...this.#named.values()]
    for (const { queryKey } of this.#overtaken) last.push({ queryKey, exact: true })
    this.#named.clear()
    this.#overtaken.clear()
    for (const target of last) void this.#queryClient.invalidateQueries(target)
  }

  #add(name: string, target: Target): void {
    this.#named.set(name, target)
    this.#open()
  }

  #open(): void {
    this.#window ??= this.#clock.after(this.#waitMs, () => {
      this.#window = null
      this.#invalidate()
    })
  }

  #invalidate(): void {
    // Before the first of them starts fetches, which are of no concern to the others.
    for (const target of this.#named.values())
      for (const query of this.#queryClient.getQueryCache().findAll({ ...target, fetchStatus: 'fetching' }))
        this.#overtaken.add(query)
    try {
      for (const [name, target] of [...this.#named]) {
        this.#named.delete(name)
        void this.#queryClient.invalidateQueries(target, { cancelRefetch: false })
      }
    } finally {
      // An option of the application threw: that costs the others a window.
      if (this.#named.size > 0) this.#open()
    }
  }
}
