// #region server
import { holdfast } from '@holdfast/vue'
import { renderToString } from '@vue/server-renderer'
import { createSSRApp } from 'vue'
import ServedRoom from './served-room.vue'
// #endregion

import type { Client, Message } from '@holdfast/core'
import type { Hub } from '@holdfast/server-kit'

export async function render(hub: Hub, client: Client) {
  // #region server
  const { messages: initialMessages } = await hub.history('room:42', { limit: 50 }) // asks no rule: check who may see it
  const app = createSSRApp(ServedRoom, { name: 'room:42', initialMessages }).use(holdfast, { client })
  const html = await renderToString(app)
  // #endregion
  return { html, initialMessages }
}

export function hydrate(client: Client, root: HTMLElement, initialMessages: readonly Message[]) {
  // #region browser
  const app = createSSRApp(ServedRoom, { name: 'room:42', initialMessages }).use(holdfast, { client })
  app.mount(root)
  // #endregion
  return app
}
