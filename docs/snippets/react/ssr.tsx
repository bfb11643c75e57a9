// #region server
import { renderToString } from 'react-dom/server'
// #endregion

// #region browser
import { hydrateRoot } from 'react-dom/client'
// #endregion

// #region page
import type { Message } from '@holdfast/core'
import { HoldfastProvider, useMessages } from '@holdfast/react'
// #endregion

import type { Client } from '@holdfast/core'
import type { Hub } from '@holdfast/server-kit'

// #region page
export function Room({ name, initialMessages }: { name: string; initialMessages: readonly Message[] }) {
  // Where the server found nothing there is no message to go on after: hence `from`.
  const { messages } = useMessages(name, { initialMessages, from: { last: 50 } })
  return (
    <ol>
      {messages.map((message) => (
        <li key={message.id}>{String(message.data)}</li>
      ))}
    </ol>
  )
}
// #endregion

export async function render(hub: Hub, client: Client) {
  // #region server
  const { messages: initialMessages } = await hub.history('room:42', { limit: 50 }) // asks no rule: check who may see it
  const html = renderToString(
    <HoldfastProvider client={client}>
      <Room name="room:42" initialMessages={initialMessages} />
    </HoldfastProvider>,
  )
  // #endregion
  return { html, initialMessages }
}

export function hydrate(client: Client, root: HTMLElement, initialMessages: readonly Message[]) {
  // #region browser
  const page = hydrateRoot(
    root,
    <HoldfastProvider client={client}>
      <Room name="room:42" initialMessages={initialMessages} />
    </HoldfastProvider>,
  )
  // #endregion
  return page
}
