/** Which session each client is on: one that comes again, while its older connection still seems alive, replaces that. */
import { HubError } from './errors.ts'
import type { Session } from './session.ts'

export class Clients {
  readonly #sessions = new Map<string, Session>()
  #opened = 0

  /** A session's place in the order of their opening. */
  nextOrder(): number {
    return ++this.#opened
  }

  /**
   * Notes that a client is on a session, and ends an older session with it. Throws `replaced` where the client has
   * opened a newer one meanwhile: what this one asked for took too long.
   */
  attach(clientId: string, session: Session): void {
    const other = this.#sessions.get(clientId)
    if (other && other !== session && other.identity?.id === session.identity?.id) {
      if (other.order > session.order) throw new HubError('replaced')
      other.fail('replaced', 4409)
    }
    this.#sessions.set(clientId, session)
  }

  detach(clientId: string, session: Session): void {
    if (this.#sessions.get(clientId) === session) this.#sessions.delete(clientId)
  }
}
