import type { ConnectionState } from '@holdfast/core'

const REASONS: Readonly<Record<ConnectionState['reason'], string>> = {
  initial: 'Not connected yet.',
  opening: 'Opening a socket.',
  authenticating: 'Showing the server who you are.',
  backoff: 'No connection; the client will try again.',
  'no-network': 'No network; its return ends the wait.',
  connected: 'Connected.',
  probing: 'Connected; asking the server for a sign of life.',
  closed: 'You went offline. Only you can go online again.',
  refused: 'The server refused this client.',
}

/** Why the connection is as it is, in a sentence or two. */
export function reasonText({
  status,
  reason,
  error,
}: Pick<ConnectionState, 'status' | 'reason' | 'error'>): string {
  if (status === 'AWAY') return 'Connected; you are idle.'
  return reason === 'refused' && error ? `${REASONS.refused} ${error.message}` : REASONS[reason]
}
