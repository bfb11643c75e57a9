import type { Client } from '@holdfast/core'
import { channelStore, statusStore } from '@holdfast/svelte'

export function storesOf(client: Client) {
  // #region stores
  const room = channelStore(client, 'room:42', { limit: 50 }) // $room.messages, $room.gaps …
  const connection = statusStore(client) // $connection.status
  // #endregion
  return { room, connection }
}
