// #region room
import { HoldfastProvider, useConnectionStatus, useMessages, usePublish } from '@holdfast/react'
// #endregion

import type { Client } from '@holdfast/core'
import type { ReactElement } from 'react'

// #region room
function Room({ id }: { id: string }) {
  const { messages } = useMessages(`room:${id}`)
  const { publish, error, retry } = usePublish(`room:${id}`)
  const { status } = useConnectionStatus() // CONNECTING, ONLINE, AWAY or OFFLINE
  return (
    <>
      <p>{status}</p>
      <ol>
        {messages.map((message) => (
          <li key={message.id}>{String(message.data)}</li>
        ))}
      </ol>
      <button type="button" onClick={() => publish('message', 'hello')}>
        Say hello
      </button>
      {error && <p role="alert">{error.message}</p>}
      {retry && (
        <button type="button" onClick={retry}>
          Again
        </button>
      )}
    </>
  )
}
// #endregion

export function pageOf(client: Client): ReactElement {
  // #region room
  const page = (
    <HoldfastProvider client={client}>
      <Room id="42" />
    </HoldfastProvider>
  )
  // #endregion
  return page
}
