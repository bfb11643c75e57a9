/** The websocket endpoint: `holdfast.v1` on the upgrades of one path. */
import type { IncomingMessage, Server } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { SUBPROTOCOL } from '@holdfast/core/protocol'
import { type WebSocket, WebSocketServer } from 'ws'
import { HubError } from '../errors.ts'
import type { Hub } from '../hub.ts'
import type { RequestInfo } from '../link.ts'
import { refuseUpgrade } from './http-error.ts'
import { bind, CompressedLink, DirectLink, SessionSocket } from './websocket-link.ts'

export interface WebSocketOptions {
  /** The path of the upgrades; `/realtime` where left out. Others are left to other listeners. */
  readonly path?: string
  /** Offers permessage-deflate. Off where left out: it costs memory and time a connection, and each frame is then compressed for each socket. */
  readonly compress?: boolean
}

const UNSUPPORTED_VERSION = 4406
const OF_THE_UPGRADE = /^(?:sec-websocket-.*|connection|upgrade)$/

/**
 * Serves a hub on an HTTP server's upgrades.
 * @throws HubError `bad_config` where the path is none
 * @returns a function that takes it off the server again; connections stay
 * @example attachWebSocket(server, hub, { path: '/realtime' })
 */
export function attachWebSocket(
  server: Server | SecureServer,
  hub: Hub,
  options: WebSocketOptions = {},
): () => void {
  const { path = '/realtime', compress = false } = options
  if (!path.startsWith('/')) throw new HubError('bad_config', { message: 'path must begin with a /.' })
  const endpoint = createEndpoint(hub, compress)
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (pathOf(request) !== path) return
    socket.on('error', destroy)
    upgrade(hub, endpoint, request, socket, head).catch((error: unknown) =>
      refuseUpgrade(socket, hub.describe(error, 'upgrade')),
    )
  }
  server.on('upgrade', onUpgrade)
  return () => server.off('upgrade', onUpgrade)
}

function createEndpoint(hub: Hub, compress: boolean) {
  return new WebSocketServer({
    noServer: true,
    WebSocket: SessionSocket,
    clientTracking: false,
    perMessageDeflate: compress,
    maxPayload: hub.limits.frameBytes,
    handleProtocols: chooseProtocol,
  })
}

type Endpoint = ReturnType<typeof createEndpoint>

async function upgrade(
  hub: Hub,
  endpoint: Endpoint,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const offered = request.headers['sec-websocket-protocol']
  if (offered === undefined) throw new HubError('unsupported_version')
  const info = new UpgradeRequest(request)
  const identity = await hub.admit(info, 'encrypted' in request.socket)
  if (!socket.writable) return
  endpoint.handleUpgrade(request, socket, head, (ws) => {
    socket.off('error', destroy)
    // A browser shows its page the code of a close, but nothing of a refused upgrade.
    if (ws.protocol !== SUBPROTOCOL) {
      ws.on('error', () => ws.terminate())
      ws.close(UNSUPPORTED_VERSION, 'unsupported_version')
      return
    }
    const link = linkOf(ws, socket)
    bind(ws, link, hub.connect(link, info, identity))
  })
}

/** A browser takes no connection without one of its protocols, and so would never see the 4406. */
function chooseProtocol(offered: ReadonlySet<string>): string {
  const [first = SUBPROTOCOL] = offered
  return offered.has(SUBPROTOCOL) ? SUBPROTOCOL : first
}

function linkOf(ws: WebSocket, socket: Duplex): DirectLink {
  return ws.extensions === '' ? new DirectLink(ws, socket) : new CompressedLink(ws, socket)
}

/** What is kept of a request for as long as its session lasts: not the headers that only made the connection. */
class UpgradeRequest implements RequestInfo {
  readonly headers: RequestInfo['headers']
  readonly url: string
  readonly #socket: Socket

  constructor({ headers, url = '/', socket }: IncomingMessage) {
    const kept = Object.entries(headers).filter(([name]) => !OF_THE_UPGRADE.test(name))
    this.headers = Object.fromEntries(kept)
    this.url = url
    this.#socket = socket
  }

  /** Asked for when it is wanted: the socket keeps an object for each answer. */
  get remoteAddress(): string {
    return this.#socket.remoteAddress ?? ''
  }
}

function pathOf({ url = '/' }: IncomingMessage): string {
  const end = url.indexOf('?')
  return end < 0 ? url : url.slice(0, end)
}

function destroy(this: Duplex): void {
  this.destroy()
}
