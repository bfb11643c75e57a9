/** What one writes first with `ws`: for every message and subscriber one `JSON.stringify` and one `send`. */
import { createServer } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { FIRST_OFFSET } from '../payload.ts'
import { type PlainCommand, plainAnswer } from './plain.ts'
import { listen } from './target.ts'

interface Channel {
  readonly subscribers: Set<WebSocket>
  nextOffset: number
}

export function start(): Promise<number> {
  const channels = new Map<string, Channel>()
  const server = createServer()

  new WebSocketServer({ server }).on('connection', (socket) => {
    const joined = new Set<Channel>()
    socket.on('message', (data) => {
      const command = JSON.parse(data.toString()) as PlainCommand
      const channel = channels.get(command.c) ?? { subscribers: new Set(), nextOffset: FIRST_OFFSET }
      channels.set(command.c, channel)
      if (command.t === 'sub') {
        channel.subscribers.add(socket)
        joined.add(channel)
        socket.send(plainAnswer(command.c))
        return
      }
      const offset = channel.nextOffset++
      for (const subscriber of channel.subscribers) {
        subscriber.send(JSON.stringify({ t: 'm', c: command.c, o: offset, d: command.d }))
      }
    })
    socket.on('error', () => socket.terminate())
    socket.on('close', () => {
      for (const channel of joined) channel.subscribers.delete(socket)
    })
  })
  return listen(server)
}
