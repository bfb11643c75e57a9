// #region client
import { createClient } from '@holdfast/core'
import { indexedDb } from '@holdfast/core/stores/indexeddb'
import { websocket } from '@holdfast/core/transports/websocket'
// #endregion

import type { Gap, Message } from '@holdfast/core'

/** What the application has: tokens, and a place to show things. */
export interface Page {
  readonly fetchToken: () => Promise<string>
  readonly show: (message: Message) => void
  readonly showGap: (gap: Gap) => void
}

export async function startClient({ fetchToken, show, showGap }: Page) {
  // #region client
  const client = createClient({
    transports: [websocket({ url: '/realtime' })],
    auth: async () => ({ token: await fetchToken() }),
    store: indexedDb({ name: 'app' }), // default: memory
    outbox: { persist: true },
  })

  const room = client.channel('room:42')
  const { messages, lastOffset } = await room.load() // what this browser already has
  messages.forEach(show)
  room.subscribe({ from: lastOffset ?? 'earliest', onGap: showGap }, show)
  await room.publish('message', { text: 'hello' }) // waits in the outbox while offline; stored once however often it is sent
  // #endregion
  return client
}
