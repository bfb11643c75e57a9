import type { Message } from '@holdfast/core'
import { Channel, useChannel, useConnectionStatus, usePublish } from '@holdfast/react'
import { type FormEvent, useState } from 'react'

// #region channel
export function Bell({ room, onRing }: { room: string | null; onRing: (message: Message) => void }) {
  const { status } = useChannel(room, 'message', onRing, { onGap: (gap) => console.warn(gap.reason) })
  return <span title={status.status}>🔔</span>
}
// #endregion

export function page(token: string, ring: (message: Message) => void) {
  return (
    <>
      {/* #region element */}
      <Channel channel="private-room" event="message" handler={ring} params={{ token }} />
      {/* #endregion */}
    </>
  )
}

// #region publish
export function Composer({ room }: { room: string }) {
  const [text, setText] = useState('')
  const { publish, isPending, error, retry } = usePublish(room)
  const send = (event: FormEvent) => {
    event.preventDefault()
    publish('message', text)
    setText('')
  }
  return (
    <form onSubmit={send}>
      <input value={text} onChange={(event) => setText(event.target.value)} />
      <button type="submit">Send</button>
      {isPending && <span>Sending …</span>}
      {error && <span role="alert">{error.hint}</span>}
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </form>
  )
}
// #endregion

// #region connection
export function Connection() {
  const { status, reason, isConnected, retryAt } = useConnectionStatus()
  if (isConnected) return null
  return (
    <p role="status">
      {status} ({reason}){retryAt && `, next try at ${new Date(retryAt).toLocaleTimeString()}`}
    </p>
  )
}
// #endregion
