/** `ws` and `JSON.parse`, with nothing of a client library around them. */
import { WebSocket } from 'ws'
import { SEPARATOR } from '../targets/plain.ts'
import type { Consume, Payload } from './consumer.ts'

export const consume: Consume = (port, channel, take) => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false })
  socket.on('open', () => socket.send(JSON.stringify({ t: 'sub', c: channel })))
  socket.on('message', (data) => {
    for (const text of data.toString().split(SEPARATOR)) {
      const message = JSON.parse(text) as { t: string; d: Payload }
      if (message.t === 'm') take(message.d)
    }
  })
}
