// #region outputs
import { defineContract } from '@holdfast/core/contract'
import { z } from 'zod'
// #endregion

import { createClient, type Message } from '@holdfast/core'
import { websocket } from '@holdfast/core/transports/websocket'

// #region outputs

const contract = defineContract({
  channels: {
    tasks: { events: { added: z.object({ title: z.string().trim(), priority: z.number().default(0) }) } },
  },
})

// #endregion
export { contract }

export async function addTask(show: (message: Message<{ title: string; priority: number }>) => void) {
  const client = createClient({ transports: [websocket({ url: '/realtime' })], contract })
  // #region outputs
  const tasks = client.channel('tasks')
  await tasks.subscribe('added', (message) => show(message)).ready // data: { title: 'Write', priority: 0 }
  await tasks.publish('added', { title: ' Write ' }) // the input: priority may be left out
  // #endregion
  return client
}
