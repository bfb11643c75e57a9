// #region indexeddb
import { createClient } from '@holdfast/core'
import { indexedDb } from '@holdfast/core/stores/indexeddb'
import { websocket } from '@holdfast/core/transports/websocket'
// #endregion

import type { Client, Message } from '@holdfast/core'

export function clientWithStore() {
  // #region indexeddb
  const client = createClient({
    transports: [websocket({ url: '/realtime' })],
    store: indexedDb({ name: 'app', maxMessages: 500 }),
    outbox: { persist: true },
  })
  // #endregion
  return client
}

export function warn(client: Client, tell: (text: string) => void) {
  // #region degraded
  client.errors$.subscribe(({ code }) => {
    if (code === 'storage_failed') tell('This page forgets its messages when it is closed.')
  })
  // #endregion
}

export async function showHeld(client: Client, show: (messages: readonly Message[]) => void) {
  // #region load
  const { messages, lastOffset } = await client.channel('room:42').load()
  // #endregion
  show(messages)
  return lastOffset
}

export async function onServer(renderPage: (client: Client) => Promise<string>) {
  // #region close
  const client = createClient({ transports: [websocket({ url: 'wss://app.example/realtime' })] })
  const html = await renderPage(client)
  await client.close()
  // #endregion
  return html
}
