/** One visitor's client in one room. */
import { type Client, createClient } from '@holdfast/core'
import { indexedDb } from '@holdfast/core/stores/indexeddb'
import { websocket } from '@holdfast/core/transports/websocket'
import { type Cuttable, cuttable } from './cuttable.ts'
import { logIn, type Place } from './place.ts'

export interface Visit {
  readonly client: Client
  readonly place: Place
  readonly transport: Cuttable
}

/** What is published in a room. */
export interface ChatData {
  readonly text: string
  /** Put there by the server. */
  readonly name?: string
}

export const channelOf = (room: string): string => `room:${room}`

/** Opens nothing yet: the first channel in use does. */
export function openVisit(place: Place): Visit {
  const { id, name, token, expiresAt } = place.pass
  const transport = cuttable(websocket({ url: '/realtime' }))
  const client = createClient({
    transports: [transport],
    auth: ({ reason }) => (reason === 'initial' && Date.now() < expiresAt ? { token } : logIn(name)),
    store: indexedDb({ name: 'holdfast-chat' }),
    outbox: { persist: true },
    identity: id,
  })
  return { client, place, transport }
}
