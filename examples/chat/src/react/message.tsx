import { type ReactElement, useState } from 'react'
import { type ChatMessage, noteOf, timeOf } from '../shared/message-text.ts'

export interface MessageProps {
  readonly message: ChatMessage
  readonly isOwn: boolean
}

/** One message. What the server has not sent back yet can be cancelled, what it refused retried. */
export function Message({ message, isOwn }: MessageProps): ReactElement {
  const { data, local } = message
  const [isTooLate, setTooLate] = useState(false)
  const note = noteOf(message)
  return (
    <li className={isOwn ? 'message own' : 'message'} data-state={local?.state}>
      <p className="meta">
        <span className="name">{isOwn ? 'You' : data.name}</span>
        <time>{timeOf(message)}</time>
        {note && <span className="note">{note}</span>}
        {local?.state === 'pending' &&
          (isTooLate ? (
            <span className="note">too late to cancel</span>
          ) : (
            <button
              type="button"
              aria-label={`Cancel: ${data.text}`}
              onClick={() => setTooLate(!local.discard())}
            >
              Cancel
            </button>
          ))}
      </p>
      <p className="text">{data.text}</p>
      {local?.state === 'failed' && (
        <div className="failure">
          <p>{local.error?.message}</p>
          <button type="button" aria-label={`Retry: ${data.text}`} onClick={() => local.retry?.()}>
            Retry
          </button>
          <button type="button" aria-label={`Dismiss: ${data.text}`} onClick={() => local.discard()}>
            Dismiss
          </button>
        </div>
      )}
    </li>
  )
}
