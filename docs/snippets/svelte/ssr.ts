// #region server
import { render } from 'svelte/server'
import ServedRoom from './served-room.svelte'
// #endregion

import type { Client } from '@holdfast/core'
import type { Hub } from '@holdfast/server-kit'

export async function renderPage(hub: Hub, client: Client) {
  // #region server
  const { messages: initialMessages } = await hub.history('room:42', { limit: 50 }) // asks no rule: check who may see it
  const { body } = render(ServedRoom, { props: { client, name: 'room:42', initialMessages } })
  // #endregion
  return { body, initialMessages }
}
