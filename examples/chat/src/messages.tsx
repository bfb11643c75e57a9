import type { ChannelState, Message, PlacedGap } from '@holdfast/core'
import { Fragment, type ReactElement, useLayoutEffect, useRef } from 'react'
import { gapText } from './gap-text.ts'
import type { ChatData } from './visit.ts'

export interface MessagesProps {
  readonly messages: readonly Message[]
  readonly gaps: readonly PlacedGap[]
  readonly status: ChannelState
  /** The visitor's identity. */
  readonly me: string
}

const SOURCES: Readonly<Record<Message['source'], string | null>> = {
  live: null,
  replay: 'replayed',
  cache: 'from cache',
}
const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
/** How near to its end the list counts as being read there, in pixels. */
const NEAR_END = 80

/** What was said, with a notice where something is missing. Follows the end while the reader is there. */
export function Messages({ messages, gaps, status, me }: MessagesProps): ReactElement {
  const scroller = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)

  // biome-ignore lint/correctness/useExhaustiveDependencies: every change of the list moves its end.
  useLayoutEffect(() => {
    const box = scroller.current
    if (box && isAtEnd.current) box.scrollTop = box.scrollHeight
  }, [messages, gaps])

  function scrolled(): void {
    const box = scroller.current
    if (box) isAtEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END
  }

  const notices = (at: number): ReactElement[] =>
    gaps
      .filter((gap) => gap.at === at)
      .map((gap, order) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: gaps at one place never change their order.
        <li key={`gap-${at}-${order}`} className="gap">
          <span>{gapText(gap)}</span>
        </li>
      ))

  return (
    <div
      className="messages"
      role="log"
      aria-label="Messages"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable with the keyboard.
      tabIndex={0}
      ref={scroller}
      onScroll={scrolled}
    >
      {messages.length === 0 && gaps.length === 0 && (
        <p className="empty">
          {status.status === 'subscribed' ? 'Nothing was said here yet.' : 'Entering the room…'}
        </p>
      )}
      <ol>
        {messages.map((message, at) => (
          <Fragment key={`${message.sender} ${message.id}`}>
            {notices(at)}
            <MessageRow message={message} isOwn={message.sender === me} />
          </Fragment>
        ))}
        {notices(messages.length)}
      </ol>
    </div>
  )
}

function MessageRow({ message, isOwn }: { message: Message; isOwn: boolean }): ReactElement {
  const { name, text } = message.data as ChatData
  const source = SOURCES[message.source]
  return (
    <li className={isOwn ? 'message own' : 'message'}>
      <p className="meta">
        <span className="name">{isOwn ? 'You' : name}</span>{' '}
        <time dateTime={new Date(message.timestamp).toISOString()}>{TIME.format(message.timestamp)}</time>
        {source && <span className="source"> {source}</span>}
      </p>
      <p className="text">{text}</p>
    </li>
  )
}
