/** The hub on an HTTP server of its own. */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { endWith } from '../endpoints/http-error.ts'
import { attachWebSocket, type WebSocketOptions } from '../endpoints/websocket.ts'
import type { Hub } from '../hub.ts'
import { expressMount } from './express.ts'

/** A peer that sends its request slower than this holds no connection. */
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 30_000
/** Connections that the system holds until they are accepted: enough for all clients of a server that came back. */
const BACKLOG = 4_096
const NOT_FOUND = 'HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'

export interface ServeOptions extends WebSocketOptions {
  /** 8080 where left out; 0 for any free one. */
  readonly port?: number
  /** All interfaces where left out. */
  readonly host?: string
  /** Answers what is not the hub's; 404 where left out. */
  readonly handler?: RequestListener
}

export interface Serving {
  readonly server: Server
  readonly port: number
  /** Drains the hub, then ends the server. */
  close(options?: { readonly drainMs?: number }): Promise<void>
}

/**
 * Starts an HTTP server for a hub.
 * @example const { port } = await serve(hub, { port: 8080 })
 */
export async function serve(hub: Hub, options: ServeOptions = {}): Promise<Serving> {
  const { port = 8_080, host, path = '/realtime', handler = notFound } = options
  await hub.ready
  const mount = expressMount(hub)
  const server = createServer(
    { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS },
    (request, response) => {
      const { url = '/' } = request
      const isOurs = url === path || url.startsWith(`${path}/`) || url.startsWith(`${path}?`)
      if (!isOurs) return handler(request, response)
      // As Express does for a mounted middleware: the URL below the mount path.
      request.url = url.slice(path.length).replace(/^(?!\/)/, '/')
      mount(request, response, () => {
        request.url = url
        handler(request, response)
      })
    },
  )
  attachWebSocket(server, hub, options)
  server.on('upgrade', ({ url = '/' }, socket) => {
    const isOurs = url === path || url.startsWith(`${path}?`)
    // An application may serve other paths on `server` itself.
    if (!isOurs && server.listenerCount('upgrade') === 2) endWith(socket, NOT_FOUND)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, backlog: BACKLOG, ...(host === undefined ? {} : { host }) }, resolve)
  })
  return {
    server,
    port: (server.address() as AddressInfo).port,
    async close(closing = {}) {
      server.close()
      await hub.close(closing)
      server.closeIdleConnections()
    },
  }
}

function notFound(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(404, { 'Content-Length': 0 })
  response.end()
}
