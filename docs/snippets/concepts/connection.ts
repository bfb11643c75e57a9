// #region urls
import { createClient } from '@holdfast/core'
import { websocket } from '@holdfast/core/transports/websocket'
// #endregion

import type { Client, ConnectionState } from '@holdfast/core'

export function showStatus(client: Client, show: (text: string) => void) {
  // #region status
  client.status$.subscribe(({ status, reason, retryAt }) => {
    if (status === 'ONLINE' || status === 'AWAY') show('')
    else if (status === 'OFFLINE') show(reason === 'refused' ? 'Please sign in again' : 'Offline')
    else if (reason === 'no-network') show('No network')
    else if (retryAt !== null) show(`Next try at ${new Date(retryAt).toLocaleTimeString()}`)
    else show('Connecting …')
  })
  // #endregion
}

export function comeAndGo(client: Client) {
  // #region come-and-go
  client.connect() // the first channel in use, publish or load() does it too
  client.disconnect() // nothing reconnects now, until:
  client.connect()
  // #endregion
}

export function clientWithUrls() {
  // #region urls
  const client = createClient({
    transports: [websocket({ url: ['wss://eu.example/realtime', 'wss://us.example/realtime'] })],
    away: { afterMs: 5 * 60_000 }, // false: never AWAY
  })
  // #endregion
  return client
}

export function watchAway(client: Client, tell: (isAway: boolean) => void) {
  // #region away
  client.status$.subscribe(({ status, previous }) => {
    if (status === 'AWAY') tell(true)
    else if (previous === 'AWAY') tell(false)
  })
  // #endregion
}

export function showErrors(client: Client, log: (text: string) => void) {
  // #region errors
  client.errors$.subscribe((error) => log(`${error.code}: ${error.hint} ${error.docs}`))
  // #endregion
}

export const textOf = ({ status, reason }: ConnectionState): string => `${status} ${reason}`
