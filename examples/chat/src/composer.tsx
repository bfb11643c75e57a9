import { usePublish } from '@holdfast/react'
import { type FormEvent, type KeyboardEvent, type ReactElement, useRef } from 'react'

/** Where one writes. Enter sends; with Shift it begins a new line. */
export function Composer({ channel }: { channel: string }): ReactElement {
  const { publish, error, retry } = usePublish(channel)
  const form = useRef<HTMLFormElement>(null)

  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault()
    const text = String(new FormData(event.currentTarget).get('text')).trim()
    if (text === '') return
    publish('message', { text })
    event.currentTarget.reset()
  }

  function pressed(event: KeyboardEvent<HTMLTextAreaElement>): void {
    // While an input method composes, Enter belongs to it.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    form.current?.requestSubmit()
  }

  return (
    <form className="composer" ref={form} onSubmit={submit}>
      <div className="fault-line" role="alert">
        {error && retry && (
          <p className="fault">
            Not sent: {error.message}{' '}
            <button type="button" className="quiet" onClick={() => retry()}>
              Retry
            </button>
          </p>
        )}
      </div>
      <label className="visually-hidden" htmlFor="text">
        Message
      </label>
      <textarea
        id="text"
        name="text"
        rows={2}
        maxLength={2000}
        placeholder="Write a message"
        enterKeyHint="send"
        onKeyDown={pressed}
      />
      <button type="submit" className="primary">
        Send
      </button>
    </form>
  )
}
