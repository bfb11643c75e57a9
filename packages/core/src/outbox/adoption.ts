/** Rows of tabs that are gone: taken over by exactly one other. */
import type { Locks } from '../ports/index.ts'
import type { OutboxRow, Store } from '../stores/store.ts'

/** The lock that a client holds while it lives. */
export function lockName(scope: string, clientId: string): string {
  return `holdfast:${scope}:${clientId}`
}

export interface Adoption {
  readonly store: Store
  readonly locks: Locks
  readonly scope: string
  readonly clientId: string
  /** Whether the scope is still the one that is open. */
  readonly isCurrent: () => boolean
}

/** The rows that are this client's by now and were not `known` to it, in their order. */
export async function adoptRows(adoption: Adoption, known: (id: string) => boolean): Promise<readonly OutboxRow[]> {
  const { store, locks, scope, clientId, isCurrent } = adoption
  const rows = await store.listOutbox()
  const mine = rows.filter(({ id, owner }) => owner === clientId && !known(id))
  for (const owner of new Set(rows.map((row) => row.owner))) {
    if (owner === clientId || !isCurrent()) continue
    const release = await locks.tryAcquire(lockName(scope, owner))
    if (!release) continue
    try {
      // Another tab may have taken them between the reading and the lock.
      const orphans = (await store.listOutbox()).filter((row) => row.owner === owner)
      if (!isCurrent()) break
      const adopted = orphans.map((row) => ({ ...row, owner: clientId }))
      await Promise.all(adopted.map((row) => store.putOutbox(row)))
      mine.push(...adopted)
    } finally {
      release()
    }
  }
  return mine.sort((a, b) => a.order - b.order)
}
