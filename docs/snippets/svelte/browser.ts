// #region browser
import { hydrate } from 'svelte'
import ServedRoom from './served-room.svelte'
// #endregion

import type { Client, Message } from '@holdfast/core'

export function hydratePage(client: Client, target: HTMLElement, initialMessages: readonly Message[]) {
  // #region browser
  const page = hydrate(ServedRoom, { target, props: { client, name: 'room:42', initialMessages } })
  // #endregion
  return page
}
