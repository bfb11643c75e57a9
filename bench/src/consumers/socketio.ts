import { io } from 'socket.io-client'
import type { Consume, Payload } from './consumer.ts'

export const consume: Consume = (port, channel, take) => {
  const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'] })
  socket.on('m', (message: { d: Payload }) => take(message.d))
  socket.on('connect', () => socket.emit('sub', channel))
}
