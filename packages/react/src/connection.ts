import type { ConnectionState } from '@holdfast/core'
import { useHoldfast } from './provider.tsx'
import { useReadable } from './readable.ts'

/** The connection's state, with whether frames can be sent. */
export interface ConnectionStatus extends ConnectionState {
  /** Whether the status is ONLINE or AWAY. */
  readonly isConnected: boolean
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
  const state = useReadable(useHoldfast().status$, INITIAL)
  return { ...state, isConnected: state.status === 'ONLINE' || state.status === 'AWAY' }
}
