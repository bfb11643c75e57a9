/** The hub: one room on a SQLite file, open to everybody with a visitor's cookie. */
import { createHub, type Hub, HubError, sqliteLog } from '@holdfast/server-kit'
import { contract, ROOM, type RoomContract } from '../../shared/room.ts'
import { visitorIn } from './visitor.ts'

export type RoomHub = Hub<RoomContract>

export function createRoomHub(file: string): RoomHub {
  const hub: RoomHub = createHub({
    contract,
    log: sqliteLog(file),
    // At the upgrade, where the browser sends the page's cookies by itself. Without one there is no connection.
    authenticate: ({ request }) => visitorIn(request.headers.cookie?.toString()),
    channels: {
      [ROOM]: {
        authorize: () => true,
        // A rule for something to be refused by. What is sent again under its id, because no answer came, is not said twice.
        async onPublish({ id, data }) {
          const { messages } = await hub.history(ROOM, { limit: 1 })
          const [last] = messages
          if (last && last.data.text === data.text && last.id !== id)
            throw new HubError('forbidden', { message: 'That was just said.' })
          return true
        },
      },
    },
  })
  return hub
}
