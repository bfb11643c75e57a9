/**
 * The limit: what Node can do over `ws` when nothing but the fan-out is done. A message is serialised and framed once,
 * and the same buffer goes to the socket of the upgrade of every subscriber, past `ws`'s own sender.
 *
 * - `limit` joins what came for a channel in a tick into one frame: one write a socket, channel and tick
 * - `limit-corked` also corks a socket for the tick: one write a socket and tick, whatever the number of channels
 * - `limit-single` does neither: one write a socket and message
 */
import { createServer, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { FIRST_OFFSET } from '../payload.ts'
import { serverFrame } from './frame.ts'
import { type PlainCommand, plainAnswer, plainMessage, SEPARATOR } from './plain.ts'
import { listen, type TargetName } from './target.ts'

interface Channel {
  readonly name: string
  readonly sockets: Set<Duplex>
  nextOffset: number
  pending: string[]
}

export function start(name: TargetName): Promise<number> {
  const isSingle = name === 'limit-single'
  const isCorked = name === 'limit-corked'
  const channels = new Map<string, Channel>()
  let dirty: Channel[] = []

  function publish(channel: Channel, data: unknown): void {
    const message = plainMessage(channel.name, channel.nextOffset++, JSON.stringify(data))
    if (isSingle) {
      broadcast(channel, serverFrame(message))
      return
    }
    if (channel.pending.push(message) > 1) return
    if (dirty.push(channel) === 1) setImmediate(flush)
  }

  function flush(): void {
    const batch = dirty
    dirty = []
    const corked = new Set<Duplex>()
    for (const channel of batch) {
      if (isCorked) cork(channel, corked)
      broadcast(channel, serverFrame(channel.pending.join(SEPARATOR)))
      channel.pending = []
    }
    for (const socket of corked) socket.uncork()
  }

  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    skipUTF8Validation: true,
  })
  const server = createServer()
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const joined = new Set<Channel>()
      webSocket.on('message', (data) => {
        const command = JSON.parse(data.toString()) as PlainCommand
        const channel = open(channels, command.c)
        if (command.t === 'pub') {
          publish(channel, command.d)
          return
        }
        channel.sockets.add(socket)
        joined.add(channel)
        socket.write(serverFrame(plainAnswer(channel.name)))
      })
      webSocket.on('error', () => socket.destroy())
      webSocket.on('close', () => {
        for (const channel of joined) channel.sockets.delete(socket)
      })
    })
  })
  return listen(server)
}

function open(channels: Map<string, Channel>, name: string): Channel {
  let channel = channels.get(name)
  if (!channel) {
    channel = { name, sockets: new Set(), nextOffset: FIRST_OFFSET, pending: [] }
    channels.set(name, channel)
  }
  return channel
}

function cork(channel: Channel, corked: Set<Duplex>): void {
  for (const socket of channel.sockets) {
    if (corked.has(socket)) continue
    corked.add(socket)
    socket.cork()
  }
}

function broadcast(channel: Channel, bytes: Buffer): void {
  for (const socket of channel.sockets) socket.write(bytes)
}
