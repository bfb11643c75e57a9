import { createClient } from '@holdfast/core'
import { websocket } from '@holdfast/core/transports/websocket'
import { TOKEN } from '../load/holdfast-dialect.ts'
import type { Consume, Payload } from './consumer.ts'

export const consume: Consume = (port, channel, take) => {
  const client = createClient({
    transports: [websocket({ url: `ws://127.0.0.1:${port}/realtime` })],
    auth: async () => ({ token: TOKEN }),
  })
  client.channel(channel).subscribe((message) => take(message.data as Payload))
  client.connect()
}
