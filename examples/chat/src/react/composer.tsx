import { type FormEvent, type ReactElement, useState } from 'react'
import { submitOnEnter } from '../shared/submit-on-enter.ts'
import type { Visit } from '../shared/visit.ts'
import { usePublish } from './hooks.ts'

/** Where one writes. What could not even be queued comes back here; all else that happens to it shows in the log. */
export function Composer({ visit }: { visit: Visit }): ReactElement {
  const { publish } = usePublish(visit.channel)
  const [text, setText] = useState('')
  const [fault, setFault] = useState('')

  function submit(event: FormEvent): void {
    event.preventDefault()
    const said = text.trim()
    if (said === '') return
    setText('')
    setFault('')
    publish('message', { text: said }).queued.catch((error: Error) => {
      setFault(error.message)
      setText((since) => since || said)
    })
  }

  return (
    <form className="composer" onSubmit={submit}>
      <p className="fault" role="alert">
        {fault}
      </p>
      <textarea
        aria-label="Message"
        rows={1}
        placeholder="Write a message"
        enterKeyHint="send"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => submitOnEnter(event.nativeEvent)}
      />
      <button type="submit" className="primary">
        Send
      </button>
    </form>
  )
}
