import { type ReactElement, useEffect, useRef } from 'react'
import { followEnd } from '../shared/follow-end.ts'
import { gapText } from '../shared/gap-text.ts'
import { emptyText } from '../shared/message-text.ts'
import { rowsOf } from '../shared/rows.ts'
import { LATEST, type Visit } from '../shared/visit.ts'
import { useMessages } from './hooks.ts'
import { Message } from './message.tsx'

/** What was said, with a notice where something is missing. */
export function Messages({ visit }: { visit: Visit }): ReactElement {
  const { messages, gaps, status, isLoading } = useMessages(visit.channel, LATEST)
  const rows = rowsOf(messages, gaps)
  const log = useRef<HTMLDivElement>(null)
  useEffect(() => (log.current ? followEnd(log.current) : undefined), [])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable with the keyboard.
    <div className="messages" role="log" aria-label="Messages" tabIndex={0} ref={log}>
      {rows.length === 0 && <p className="empty">{emptyText(status, isLoading)}</p>}
      <ol>
        {rows.map((row) =>
          row.gap ? (
            <li key={row.key} className="gap">
              {gapText(row.gap)}
            </li>
          ) : (
            <Message key={row.key} message={row.message} isOwn={visit.isOwn(row.message)} />
          ),
        )}
      </ol>
    </div>
  )
}
