import type { OutboxItem } from '@holdfast/core'
import { useHoldfast } from '@holdfast/react'
import type { ReactElement } from 'react'
import { useValue } from './use-value.ts'
import type { ChatData } from './visit.ts'

const STATES: Readonly<Record<OutboxItem['state'], string>> = {
  waiting: 'waiting for the connection',
  sending: 'sent, waiting for the answer',
}

/** What was written and is not acknowledged yet. */
export function Outbox(): ReactElement {
  const items = useValue(useHoldfast().outbox$)
  return (
    <section className="card" aria-labelledby="outbox-title">
      <div className="outbox-title">
        <h2 id="outbox-title">Outbox</h2>
        <span className="count">{items.length === 0 ? 'empty' : `${items.length} unsent`}</span>
      </div>
      {items.length === 0 ? (
        <p className="outbox hint">What you write waits here until the server has it.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable with the keyboard.
        <ul className="outbox" aria-labelledby="outbox-title" tabIndex={0}>
          {items.map((item) => (
            <Row key={item.id} item={item} />
          ))}
        </ul>
      )}
    </section>
  )
}

function Row({ item }: { item: OutboxItem }): ReactElement {
  const text = (item.messages[0]?.data as ChatData | undefined)?.text ?? ''
  return (
    <li>
      <div className="row">
        <p className="preview">{text}</p>
        <p className="row-state">{STATES[item.state]}</p>
      </div>
      {item.state === 'waiting' && (
        <button type="button" className="quiet" aria-label={`Cancel: ${text}`} onClick={() => item.cancel()}>
          Cancel
        </button>
      )}
    </li>
  )
}
