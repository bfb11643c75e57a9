import { useConnectionStatus } from '@holdfast/react'
import { type ReactElement, useState } from 'react'
import { post } from './post.ts'
import type { Visit } from './visit.ts'

const HINT =
  'A room keeps 50 messages and the bot says 60: let it talk while you are offline, and see the gap.'

/** Ways to break things. */
export function Controls({ visit }: { visit: Visit }): ReactElement {
  const { client, place, transport } = visit
  const { status, isConnected } = useConnectionStatus()
  const [outcome, setOutcome] = useState('')
  const isOffline = status === 'OFFLINE'

  async function ask(path: string, body: object, done: string): Promise<void> {
    setOutcome('')
    try {
      await post(path, body)
      setOutcome(done)
    } catch (error) {
      setOutcome(error instanceof Error ? error.message : String(error))
    }
  }

  return (
    <section className="card" aria-labelledby="controls-title">
      <h2 id="controls-title">Break something</h2>
      <div className="controls">
        <button type="button" onClick={() => (isOffline ? client.connect() : client.disconnect())}>
          {isOffline ? 'Go online' : 'Go offline'}
        </button>
        <button type="button" aria-disabled={!isConnected} onClick={() => isConnected && transport.cut()}>
          Drop the socket
        </button>
        <button
          type="button"
          onClick={() =>
            ask('/demo/restart', {}, 'The server was killed, and starts again on its SQLite file.')
          }
        >
          Restart the server
        </button>
        <button
          type="button"
          onClick={() =>
            ask(
              '/demo/chatter',
              { room: place.room },
              'The bot has said 60 things. The room keeps the last 50.',
            )
          }
        >
          Let a bot talk
        </button>
      </div>
      <p className="outcome" role="status">
        {outcome || HINT}
      </p>
    </section>
  )
}
