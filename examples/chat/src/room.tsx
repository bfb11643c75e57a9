import { useConnectionStatus, useMessages } from '@holdfast/react'
import type { ReactElement } from 'react'
import { Composer } from './composer.tsx'
import { Connection } from './connection.tsx'
import { Controls } from './controls.tsx'
import { Messages } from './messages.tsx'
import { Outbox } from './outbox.tsx'
import { useValue } from './use-value.ts'
import { channelOf, type Visit } from './visit.ts'

export interface RoomProps {
  readonly visit: Visit
  readonly onLeave: () => void
}

/** The room: the talk, and beside it what the client is doing for it. */
export function Room({ visit, onLeave }: RoomProps): ReactElement {
  const { room, pass } = visit.place
  const channel = channelOf(room)
  const { messages, gaps, status } = useMessages(channel, { limit: 300, from: { last: 50 } })
  const connection = useConnectionStatus()
  const identity = useValue(visit.client.identity$)

  return (
    <div className="room">
      <header className="bar">
        <div className="bar-title">
          <h1>
            <span className="hash" aria-hidden="true">
              #
            </span>
            {room}
          </h1>
          <p className="you">
            You are <strong>{pass.name}</strong>
          </p>
        </div>
        <a className="pill" href="#connection" data-status={connection.status}>
          <span className="visually-hidden">Connection: </span>
          {connection.status}
        </a>
        <button type="button" className="quiet" onClick={onLeave}>
          Leave
        </button>
      </header>
      <main className="talk" aria-label={`Room ${room}`}>
        <Messages messages={messages} gaps={gaps} status={status} me={identity?.id ?? pass.id} />
        <Composer channel={channel} />
      </main>
      <aside className="side" aria-label="Behind the scenes">
        <Connection />
        <Outbox />
        <Controls visit={visit} />
      </aside>
    </div>
  )
}
