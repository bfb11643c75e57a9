/** Socket.IO with its best settings for this work: WebSocket only, no polling, no compression, in-memory adapter. */
import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { FIRST_OFFSET } from '../payload.ts'
import { listen } from './target.ts'

export function start(): Promise<number> {
  const server = createServer()
  const io = new Server(server, { transports: ['websocket'], serveClient: false, pingTimeout: 60_000 })
  const nextOffsets = new Map<string, number>()

  io.on('connection', (socket) => {
    socket.on('sub', async (channel: string) => {
      await socket.join(channel)
      socket.emit('ok', channel)
    })
    socket.on('pub', (channel: string, data: unknown) => {
      const offset = nextOffsets.get(channel) ?? FIRST_OFFSET
      nextOffsets.set(channel, offset + 1)
      io.to(channel).emit('m', { c: channel, o: offset, d: data })
    })
  })
  return listen(server)
}
