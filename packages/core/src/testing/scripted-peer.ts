/** A server's manners, for links of the fake transport. */
import type { ClientFrame, ServerFrame, WelcomeFrame } from '../protocol/index.ts'
import type { FakeLink } from './fake-transport.ts'

/** A welcome like a hub's, with the defaults of the documentation. */
export function welcomeFrame(overrides: Partial<WelcomeFrame> = {}): WelcomeFrame {
  return {
    type: 'welcome',
    id: 1,
    session: 'session-1',
    node: 'node-1',
    app: 'default',
    identity: { id: 'ada', isAnonymous: false },
    time: 1_767_225_600_000,
    heartbeatMs: 25_000,
    idempotencyMs: 900_000,
    limits: {
      frameBytes: 1_048_576,
      messageBytes: 65_536,
      batchMessages: 1_000,
      channels: 1_000,
      commands: 1_000,
    },
    features: [],
    ...overrides,
  }
}

export interface ScriptedPeer {
  /** What the welcomes say. */
  readonly welcome?: Partial<WelcomeFrame>
  /** The answer to a frame: null for none, undefined for what a polite server says: welcome to `auth`, else `ok`. */
  readonly answer?: (frame: ClientFrame, link: FakeLink) => ServerFrame | null | undefined
}

/** Accepts, welcomes, and answers every command. Give it to a fake transport as `onLink`. */
export function scriptedPeer({ welcome = {}, answer }: ScriptedPeer = {}): (link: FakeLink) => void {
  return (link) => {
    link.accept()
    link.onFrame = (frame) => {
      const polite: ServerFrame =
        frame.type === 'auth' ? welcomeFrame({ ...welcome, id: frame.id }) : { type: 'ok', id: frame.id }
      const reply = answer?.(frame, link)
      if (reply !== null) link.send(reply ?? polite)
    }
  }
}
