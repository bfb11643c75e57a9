/** A client's way from the socket to its subscriptions, in the target's dialect. */
import { type Dialect, KIND } from './dialect.ts'
import { RawClient } from './raw-client.ts'

export interface SessionOptions {
  readonly dialect: Dialect
  readonly host: string
  readonly port: number
  readonly channels: readonly number[]
  readonly onMessages: (bytes: Buffer, start: number, length: number) => void
  /** What went wrong after the session was open. */
  readonly onFault: (fault: string) => void
}

/** Resolves when every channel is subscribed. */
export function openSession(options: SessionOptions): Promise<RawClient> {
  const { dialect, host, port, channels, onMessages, onFault } = options
  const { path, subprotocol } = dialect
  return new Promise((resolve, reject) => {
    let isOpen = false
    let unanswered = 0

    const subscribe = (): void => {
      const commands = channels.length > 0 ? dialect.subscribe(channels) : []
      unanswered = commands.length
      for (const command of commands) client.sendText(command)
      if (unanswered === 0) open()
    }
    const open = (): void => {
      isOpen = true
      resolve(client)
    }
    const onOpen = (): void => {
      if (dialect.hello) client.sendText(dialect.hello())
      if (dialect.isReadyAtOnce) subscribe()
    }
    const onText = (bytes: Buffer, start: number, length: number): void => {
      const kind = dialect.kind(bytes, start)
      if (kind === KIND.messages) onMessages(bytes, start, length)
      else if (kind === KIND.greeting && dialect.reply) client.sendText(dialect.reply)
      else if (kind === KIND.ready) subscribe()
      else if (kind === KIND.subscribed && !isOpen && --unanswered === 0) open()
      else if (kind === KIND.failure) onEnd(bytes.toString('utf8', start, start + Math.min(length, 300)))
    }
    const onEnd = (why: string): void => {
      if (isOpen) onFault(why)
      else reject(new Error(why))
    }
    const client = new RawClient({ host, port, path, subprotocol, onOpen, onText, onEnd })
  })
}
