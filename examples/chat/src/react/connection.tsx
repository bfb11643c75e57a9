import { useConnectionStatus } from '@holdfast/react'
import { type ReactElement, useEffect, useState } from 'react'
import { countDown } from '../shared/countdown.ts'
import { reasonText } from '../shared/reason-text.ts'
import type { Visit } from '../shared/visit.ts'

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'connection-diagram': { readonly status: string; readonly previous: string }
    }
  }
}

/** How the connection stands, as a diagram and in words, with the time until the next attempt and ways to break it. */
export function Connection({ visit }: { visit: Visit }): ReactElement {
  const { client, framework } = visit
  const connection = useConnectionStatus()
  const { status, previous, retryAt, isConnected } = connection
  const [seconds, setSeconds] = useState<number | null>(null)
  useEffect(() => countDown(retryAt, setSeconds), [retryAt])
  const isOffline = status === 'OFFLINE'
  return (
    <div className="connection">
      <connection-diagram status={status} previous={previous} />
      <div className="standing">
        <p aria-live="polite" aria-atomic="true">
          <span className="visually-hidden">
            {framework} is {status}.
          </span>{' '}
          {reasonText(connection)}
        </p>
        <p className="countdown" role="timer">
          {seconds === null ? '' : `Next attempt in ${seconds} s.`}
        </p>
      </div>
      <div className="buttons">
        <button type="button" onClick={() => (isOffline ? client.connect() : client.disconnect())}>
          {isOffline ? 'Go online' : 'Go offline'}
        </button>
        <button type="button" aria-disabled={!isConnected} onClick={() => isConnected && visit.dropSocket()}>
          Drop the socket
        </button>
      </div>
    </div>
  )
}
