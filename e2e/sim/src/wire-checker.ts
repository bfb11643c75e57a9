import type { Violation } from './history.ts'
import { Session } from './rules/wire-session.ts'

/** One frame of a session as its sender sent it, parsed; or the session's end, whichever side ended it. */
export type WireEvent =
  | {
      readonly at: number
      readonly session: number
      readonly side: 'client' | 'server'
      readonly frame: unknown
    }
  | { readonly at: number; readonly session: number; readonly side: 'end' }

/** What is broken in the frames between clients and hub, by PROTOCOL.md alone. */
export function checkWire(frames: readonly WireEvent[]): Violation[] {
  const violations: Violation[] = []
  const sessions = new Map<number, Session>()
  const tokens = new Map<string, string>()
  for (const event of frames) {
    let session = sessions.get(event.session)
    if (session === undefined) {
      session = new Session(tokens)
      sessions.set(event.session, session)
    }
    const report = (rule: string, text: string): void => {
      violations.push({ rule, text: `session ${event.session}: ${text}`, at: event.at })
    }
    if (event.side === 'client') session.command(event.frame, report)
    else if (event.side === 'server') session.frame(event.frame, report)
    else session.end(report)
  }
  const at = frames.at(-1)?.at ?? 0
  for (const [name, session] of sessions)
    session.finish((rule, text) => violations.push({ rule, text: `session ${name}: ${text}`, at }))
  return violations
}
