import { usePublish } from '@holdfast/react'
import { type FormEvent, useState } from 'react'

export function Composer({ room }: { room: string }) {
  const [text, setText] = useState('')
  const { publish, isPending, error, retry } = usePublish(room)
  const send = (event: FormEvent) => {
    event.preventDefault()
    publish('message', text)
    setText('')
  }
  return (
    <form onSubmit={send}>
      <input value={text} onChange={(event) => setText(event.target.value)} />
      <button type="submit">Send</button>
      {isPending && <span>Sending …</span>}
      {error && <span role="alert">{error.hint}</span>}
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </form>
  )
}
