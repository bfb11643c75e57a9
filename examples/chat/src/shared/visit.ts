/** One pane's client in one room. */
import { type Client, createClient } from '@holdfast/core'
import { indexedDb } from '@holdfast/core/stores/indexeddb'
import { websocket } from '@holdfast/core/transports/websocket'
import { type ChatContract, channelOf, contract, type RoomChannel } from './contract.ts'
import { cuttable } from './cuttable.ts'
import type { ChatMessage } from './message-text.ts'
import { type Framework, logIn, type Place } from './place.ts'

export interface Visit {
  readonly framework: Framework
  /** What the visitor is called in this pane. */
  readonly name: string
  readonly channel: RoomChannel
  readonly client: Client<ChatContract>
  /** Ends the socket as a bad network does. */
  dropSocket(): void
  /** Whether this pane has said it. */
  isOwn(message: ChatMessage): boolean
}

/** What a pane lists of its room. */
export const LATEST = { limit: 300, from: { last: 50 } } as const

/** What a framework does with a visit: shows it in `target`, until the returned function is called. */
export type Mount = (target: Element, visit: Visit) => () => void

/** Opens nothing yet: the first channel in use does. */
export function openVisit(place: Place, framework: Framework): Visit {
  const { id, name, token, expiresAt } = place.passes[framework]
  const transport = cuttable(websocket({ url: '/realtime' }))
  const client = createClient({
    contract,
    transports: [transport],
    auth: ({ reason }) => (reason === 'initial' && Date.now() < expiresAt ? { token } : logIn(name)),
    store: indexedDb({ name: 'holdfast-chat' }),
    outbox: { persist: true },
    identity: id,
  })
  return {
    framework,
    name,
    channel: channelOf(place.room),
    client,
    dropSocket: () => transport.cut(),
    isOwn: ({ local, sender }) => local !== undefined || sender === (client.identity$.value?.id ?? id),
  }
}
