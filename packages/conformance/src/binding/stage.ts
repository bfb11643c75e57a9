/** A server, a client of it, and what a component was given. */
import type { Client, Message } from '@holdfast/core'
import type { Binding, ChannelUse } from './binding.ts'
import { type RoomServer, roomServer } from './room-server.ts'

/** Longer than the longest first reconnect. */
export const RECONNECT_MS = 4_000
/** Longer than the linger. */
export const LINGER_MS = 3_000

export interface Stage {
  readonly server: RoomServer
  readonly client: Client
  /** The data that `handler` was called with. */
  readonly seen: readonly unknown[]
  readonly handler: NonNullable<ChannelUse['handler']>
  /** Lets time pass, and the framework render. */
  settle(ms?: number): Promise<void>
}

export function stageOf({ act }: Binding): Stage {
  const server = roomServer()
  const seen: unknown[] = []
  return {
    server,
    client: server.client(),
    seen,
    handler: (message: Message) => void seen.push(message.data),
    settle: (ms = 0) => act(() => server.clock.advance(ms)),
  }
}

export const dataOf = ({ messages }: { readonly messages: readonly Message[] }): unknown[] =>
  messages.map(({ data }) => data)
