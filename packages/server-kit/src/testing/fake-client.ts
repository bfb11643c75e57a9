/** A client in the same process: commands as frames, answers by id, messages in the order they came. */
import { setImmediate } from 'node:timers'
import {
  type ClientFrame,
  type ErrorFrame,
  type Item,
  isMessageItem,
  type OkFrame,
  type Position,
  parseOffset,
  type ServerFrame,
  type WelcomeFrame,
} from '@holdfast/core/protocol'
import type { Hub } from '../hub.ts'
import type { Identity } from '../options.ts'
import type { Session } from '../session.ts'
import { FakeLink, NO_REQUEST } from './fake-link.ts'

type Command<F = ClientFrame> = F extends ClientFrame ? Omit<F, 'id'> : never
type Answer = OkFrame | ErrorFrame | WelcomeFrame

let made = 0

export class FakeClient {
  /** Each of its clients' ids begins with this. */
  readonly clientId: string = `client-${++made}`
  readonly link: FakeLink = new FakeLink()
  readonly session: Session
  #id = 0

  constructor(hub: Hub, identity?: Identity) {
    this.session = hub.connect(this.link, NO_REQUEST, identity)
  }

  /** Sends a command and waits for its answer. */
  async ask(command: Command): Promise<Answer> {
    const id = ++this.#id
    this.session.receive(JSON.stringify({ ...command, id }))
    return (await until(() => this.link.frames.find((frame) => isAnswer(frame, id)))) as Answer
  }

  async ok(command: Command): Promise<OkFrame> {
    const answer = await this.ask(command)
    if (answer.type !== 'ok') throw new Error(JSON.stringify(answer))
    return answer
  }

  auth(token?: string, client?: number): Promise<Answer> {
    const number = client === undefined ? {} : { client }
    return this.ask({
      type: 'auth',
      clientId: `${this.clientId}-${client ?? 0}`,
      ...(token === undefined ? {} : { token }),
      ...number,
    })
  }

  /** Everything of a channel, in order: messages by their data, gaps by their reason; what it had is dropped, a hole throws. */
  received(channel: string): unknown[] {
    let held: Position | null = null
    const adopt = (token: string | null | undefined): void => {
      held = token ? parseOffset(token) : null
    }
    return this.link.frames.flatMap((frame): unknown[] => {
      if (frame.type === 'ok') {
        const item = frame.channels?.find((one) => one.channel === channel && !one.error)
        if (item) adopt(item.position)
        return item?.gap ? [{ gap: item.gap.reason }] : []
      }
      if (frame.type === 'gap' && frame.channel === channel) {
        adopt(frame.gap.resumeAt)
        return [{ gap: frame.gap.reason }]
      }
      if (frame.type !== 'messages' || frame.channel !== channel) return []
      const { term, seq, items } = frame
      if (term === undefined || seq === undefined || !held) return items.map(dataOf)
      if (seq > held.seq + 1) throw new Error(`A hole: ${held.seq}, then ${seq}`)
      const isSameTerm = term === held.term
      const fresh = items.slice(isSameTerm ? Math.max(0, held.seq - seq + 1) : 0)
      if (fresh.length > 0) held = { term, seq: seq + items.length - 1 }
      return fresh.map(dataOf)
    })
  }

  async untilReceived(channel: string, count: number): Promise<unknown[]> {
    await until(() => this.received(channel).length >= count || undefined)
    return this.received(channel)
  }
}

/** Waits, without a timer, until there is something. */
export async function until<T>(look: () => T | undefined, turns = 20_000): Promise<T> {
  for (let turn = 0; turn < turns; turn++) {
    const found = look()
    if (found !== undefined) return found
    await turnOfLoop()
  }
  throw new Error('It never came.')
}

export function turnOfLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function dataOf(item: Item): unknown {
  return isMessageItem(item) ? item.data : item
}

function isAnswer(frame: ServerFrame, id: number): boolean {
  return (frame.type === 'ok' || frame.type === 'error' || frame.type === 'welcome') && frame.id === id
}
