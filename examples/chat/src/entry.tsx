import { type FormEvent, type ReactElement, useState } from 'react'

export interface EntryProps {
  readonly onEnter: (name: string, room: string) => Promise<void>
}

/** The door: a name and a room. */
export function Entry({ onEnter }: EntryProps): ReactElement {
  const [isBusy, setBusy] = useState(false)
  const [fault, setFault] = useState('')

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    setBusy(true)
    setFault('')
    try {
      await onEnter(String(fields.get('name')), String(fields.get('room')))
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error))
      setBusy(false)
    }
  }

  return (
    <main className="entry">
      <h1>Holdfast chat</h1>
      <p className="lead">
        Take a name and a room, open a second tab as somebody else, and talk. Then cut the network or kill the
        server: what was said arrives once and in order, or you are told what is missing.
      </p>
      <form className="card" onSubmit={submit}>
        <label>
          Your name
          <input name="name" required maxLength={24} autoComplete="nickname" />
        </label>
        <label>
          Room
          <input
            name="room"
            required
            defaultValue="lobby"
            maxLength={32}
            pattern="[a-z0-9\-]+"
            title="Lower-case letters, digits and hyphens"
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
            aria-describedby="room-hint"
          />
          <span id="room-hint" className="hint">
            Lower-case letters, digits and hyphens. It exists as soon as you are in it.
          </span>
        </label>
        <button type="submit" className="primary" disabled={isBusy}>
          Enter the room
        </button>
        <p className="fault" role="alert">
          {fault}
        </p>
      </form>
    </main>
  )
}
