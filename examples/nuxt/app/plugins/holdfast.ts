/**
 * The client, one for each Vue app: one in a browser, and on the server one for each page that is rendered, so that
 * no visitor's state is another's. There it opens nothing, and goes with the page.
 */
import { createClient } from '@holdfast/core'
import { websocket } from '@holdfast/core/transports/websocket'
import { holdfast } from '@holdfast/vue'
import { contract } from '#shared/room'

export default defineNuxtPlugin(({ vueApp }) => {
  const client = createClient({ contract, transports: [websocket({ url: '/realtime' })] })
  vueApp.use(holdfast, { client })
})
