import type { ConnectionState } from '@holdfast/core'
import { useHoldfast } from './context.svelte.ts'
import { gettersOf } from './getter.ts'
import { sourceOf, useSource } from './readable.svelte.ts'

/** The connection's state, with whether frames can be sent. */
export interface ConnectionStatus extends ConnectionState {
  /** Whether the status is ONLINE or AWAY. */
  readonly isConnected: boolean
}

/** What server-rendered pages show: the state before the first `connect()`. */
export const INITIAL: ConnectionState = {
  status: 'OFFLINE',
  previous: 'OFFLINE',
  reason: 'initial',
  retryAt: null,
  error: null,
}

export function isConnected({ status }: ConnectionState): boolean {
  return status === 'ONLINE' || status === 'AWAY'
}

/** The state of the client's connection. Watching it connects nothing. */
export function useConnectionStatus(): ConnectionStatus {
  const source = sourceOf(useHoldfast().status$)
  const state = useSource(() => source, INITIAL)
  return gettersOf<ConnectionStatus>({
    status: () => state().status,
    previous: () => state().previous,
    reason: () => state().reason,
    retryAt: () => state().retryAt,
    error: () => state().error,
    isConnected: () => isConnected(state()),
  })
}
