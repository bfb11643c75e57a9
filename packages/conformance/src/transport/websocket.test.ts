import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { websocket } from '@holdfast/core/transports/websocket'
import { type WebSocket as ServerSocket, WebSocketServer } from 'ws'
import type { PeerSocket } from './peer.ts'
import { transportSuite } from './suite.ts'

function peerSocket(socket: ServerSocket): PeerSocket {
  const received: string[] = []
  let closure: PeerSocket['closure'] = null
  socket.on('message', (data) => received.push(data.toString()))
  socket.on('close', (code, reason) => {
    closure = { code, reason: reason.toString() }
  })
  // A client that goes away in the middle of a large frame is part of the suite.
  socket.on('error', () => undefined)
  return {
    received,
    get closure() {
      return closure
    },
    send: (text) => socket.send(text),
    sendBinary: (bytes) => socket.send(bytes),
    close: (code, reason) => socket.close(code, reason),
    cut: () => socket.terminate(),
    goSilent: () => socket.pause(),
  }
}

transportSuite({
  name: 'websocket',
  capabilities: { closeCodes: true, binary: true },
  async start() {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const sockets: PeerSocket[] = []
    server.on('connection', (socket) => sockets.push(peerSocket(socket)))
    const refusing = new WebSocketServer({ port: 0, host: '127.0.0.1', verifyClient: () => false })
    await once(refusing, 'listening')
    const url = `http://127.0.0.1:${port}/realtime#part`
    return {
      transport: websocket({ url: [url, url, url] }),
      refused: websocket({ url: `ws://127.0.0.1:${(refusing.address() as AddressInfo).port}` }),
      sockets,
      tick: () => wait(2),
      async stop() {
        for (const each of [server, refusing]) {
          for (const socket of each.clients) socket.terminate()
          each.close()
        }
      },
    }
  },
})
