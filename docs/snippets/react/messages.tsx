import { useMessages } from '@holdfast/react'
import { Fragment } from 'react'

export function Room({ id }: { id: string | null }) {
  const { messages, gaps, isLoading, error, status } = useMessages(id && `room:${id}`, { limit: 200 })
  if (error) return <p role="alert">{error.message}</p>
  if (status.status === 'denied') return <p role="alert">{status.error.hint}</p>
  if (isLoading) return <p>Loading …</p>
  const missing = (at: number) =>
    gaps.some((gap) => gap.at === at) && <li>Some messages are missing here.</li>
  return (
    <ol>
      {messages.map((message, at) => (
        <Fragment key={`${message.sender} ${message.id}`}>
          {missing(at)}
          <li className={message.local?.state}>{String(message.data)}</li>
        </Fragment>
      ))}
      {missing(messages.length)}
    </ol>
  )
}
