/** Commands that were sent and have no answer yet. */
import { HoldfastError } from '../errors.ts'
import type { Timer } from '../ports/clock.ts'
import type { ErrorFrame, OkFrame } from '../protocol/index.ts'
import type { Deadlines } from './deadlines.ts'

export interface Pending {
  /** Awaits the answer to command `id`. Ids rise. */
  await(id: number, handle: ((answer: OkFrame) => void) | undefined): Promise<OkFrame>
  /** Settles the command that the frame answers; `handle` runs before this returns. An unknown id is let pass. */
  answer(frame: OkFrame | ErrorFrame): void
  /** Rejects all of them: no answer can come any more. */
  rejectAll(error: HoldfastError): void
}

interface Command {
  readonly sentAt: number
  readonly handle: ((answer: OkFrame) => void) | undefined
  readonly resolve: (answer: OkFrame) => void
  readonly reject: (error: HoldfastError) => void
}

export function createPending(deadlines: Deadlines, now: () => number, ackTimeoutMs: number): Pending {
  /** In the order of sending, which is also the order of their timeouts: one timer is enough for all. */
  const commands = new Map<number, Command>()
  let timer: Timer | null = null

  function watch(): void {
    const [oldest] = commands.values()
    timer = oldest ? deadlines.after(oldest.sentAt + ackTimeoutMs - now(), expire) : null
  }

  function expire(): void {
    for (const [id, { sentAt, reject }] of commands) {
      if (sentAt + ackTimeoutMs > now()) break
      commands.delete(id)
      reject(new HoldfastError('timeout'))
    }
    watch()
  }

  return {
    await: (id, handle) =>
      new Promise((resolve, reject) => {
        commands.set(id, { sentAt: now(), handle, resolve, reject })
        if (!timer) watch()
      }),
    answer(frame) {
      const command = commands.get(frame.id ?? -1)
      if (!command) return
      commands.delete(frame.id ?? -1)
      if (commands.size === 0) {
        timer?.clear()
        timer = null
      }
      if (frame.type === 'error') return command.reject(HoldfastError.fromWire(frame.error))
      command.handle?.(frame)
      command.resolve(frame)
    },
    rejectAll(error) {
      timer?.clear()
      timer = null
      const rejected = [...commands.values()]
      commands.clear()
      for (const { reject } of rejected) reject(error)
    },
  }
}
