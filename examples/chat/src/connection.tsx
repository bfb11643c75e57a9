import type { ConnectionState } from '@holdfast/core'
import { useConnectionStatus } from '@holdfast/react'
import { type ReactElement, useEffect, useState } from 'react'
import { ConnectionDiagram } from './connection-diagram.tsx'

const REASONS: Readonly<Record<ConnectionState['reason'], string>> = {
  initial: 'Not connected yet.',
  opening: 'Opening a socket.',
  authenticating: 'Showing the server who you are.',
  backoff: 'There is no connection; the client will try again.',
  'no-network': 'There is no network; its return ends the wait.',
  connected: 'Connected.',
  probing: 'Connected; asking the server for a sign of life.',
  closed: 'You went offline. Only you can go online again.',
  refused: 'The server refused this client.',
}

/** How the connection stands, as a diagram, in words, and with the time until the next attempt. */
export function Connection(): ReactElement {
  const { status, previous, reason, retryAt, error } = useConnectionStatus()
  const seconds = useSecondsUntil(retryAt)
  return (
    <section className="card" id="connection" aria-labelledby="connection-title" tabIndex={-1}>
      <h2 id="connection-title">Connection</h2>
      <ConnectionDiagram status={status} previous={previous} />
      <div className="standing">
        <p aria-live="polite">
          <strong>{status}</strong> {status === 'AWAY' ? 'Connected; you are idle.' : REASONS[reason]}
          {reason === 'refused' && error ? ` ${error.message}` : ''}
        </p>
        <p className="countdown" role="timer">
          {seconds === null ? '' : `Next attempt in ${seconds} s.`}
        </p>
      </div>
    </section>
  )
}

/** Whole seconds until a time, counted down; null where there is none. */
function useSecondsUntil(time: number | null): number | null {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (time === null) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 250)
    return () => clearInterval(timer)
  }, [time])
  return time === null ? null : Math.max(0, Math.ceil((time - now) / 1_000))
}
