import { useConnectionStatus } from '@holdfast/react'
import type { ReactElement } from 'react'
import type { Visit } from '../shared/visit.ts'
import { Composer } from './composer.tsx'
import { Connection } from './connection.tsx'
import { Messages } from './messages.tsx'

/** The room as one visitor sees it, and how the connection to it stands. */
export function Room({ visit }: { visit: Visit }): ReactElement {
  const { status } = useConnectionStatus()
  return (
    <>
      <header className="head">
        <h2>{visit.framework}</h2>
        <p className="you">
          You are <strong>{visit.name}</strong>
        </p>
        <p className="pill" data-status={status}>
          {status}
        </p>
      </header>
      <Connection visit={visit} />
      <Messages visit={visit} />
      <Composer visit={visit} />
    </>
  )
}
