import type { ConnectionState } from '@holdfast/core'
import { type ComputedRef, computed } from 'vue'
import { useHoldfast } from './provider.ts'
import { type RefsOf, refsOf, useReadable } from './readable.ts'

/** The connection's state, with whether frames can be sent. */
export interface ConnectionStatus extends RefsOf<ConnectionState> {
  /** Whether the status is ONLINE or AWAY. */
  readonly isConnected: ComputedRef<boolean>
}

/** What server-rendered pages show: the state before the first `connect()`. */
const INITIAL: ConnectionState = {
  status: 'OFFLINE',
  previous: 'OFFLINE',
  reason: 'initial',
  retryAt: null,
  error: null,
}

/** The state of the client's connection. Watching it connects nothing. */
export function useConnectionStatus(): ConnectionStatus {
  const client = useHoldfast()
  const state = useReadable(() => client.status$, INITIAL)
  return {
    ...refsOf(state, 'status', 'previous', 'reason', 'retryAt', 'error'),
    isConnected: computed(() => state.value.status === 'ONLINE' || state.value.status === 'AWAY'),
  }
}
