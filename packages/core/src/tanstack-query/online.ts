/** Queries wait while there is no connection: TanStack Query's online manager follows the client. */
import type { onlineManager } from '@tanstack/query-core'
import type { Client } from '../client.ts'
import { browserActivity } from '../ports/index.ts'

/** What says whether queries may be fetched; `onlineManager` is the one there usually is. */
export type OnlineManager = typeof onlineManager

type Setup = Parameters<OnlineManager['setEventListener']>[0]

/**
 * Makes the manager follow the connection until the returned function is called. It stays as it is before the client was
 * connected once, or knows that there is no network: a first attempt says nothing, and a page that loads must not wait for it.
 */
export function followConnection(manager: OnlineManager, client: Client): () => void {
  let release: (() => void) | null = null
  const waiting = client.status$.subscribe(({ reason }) => {
    if (client.isConnected || reason === 'no-network') release ??= takeOver(manager, client)
  })
  return () => {
    waiting.unsubscribe()
    release?.()
  }
}

function takeOver(manager: OnlineManager, client: Client): () => void {
  let isOurs = false
  // Else the manager would end the following when the last query client unmounts.
  const stay = manager.subscribe(() => undefined)
  manager.setEventListener((setOnline) => {
    isOurs = true
    const following = client.status$.subscribe(() => setOnline(client.isConnected))
    return () => {
      isOurs = false
      following.unsubscribe()
    }
  })
  return () => {
    // Whoever took it over meanwhile keeps it.
    if (isOurs) {
      manager.setEventListener(followPlatform)
      manager.setOnline(browserActivity().isOnline)
    }
    stay()
  }
}

/** What a manager does by default, and does not hand out. */
const followPlatform: Setup = (setOnline) =>
  browserActivity().subscribe((signal) => {
    if (signal === 'online' || signal === 'offline') setOnline(signal === 'online')
  })
