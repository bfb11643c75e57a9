/** Frames over a WebSocket. */
import { HoldfastError } from '../errors.ts'
import { decodeServerFrame, encodeFrame, SUBPROTOCOL } from '../protocol/index.ts'
import type { Socket, Transport, TransportEvents } from './transport.ts'

export interface WebSocketOptions {
  /**
   * Where the hub is: absolute, or relative to the page; `http` becomes `ws`. Several are tried in turn. A token
   * does not belong in a URL, which ends up in logs; give the client `auth` instead.
   */
  readonly url: string | readonly string[]
  /** Further subprotocols to offer behind `holdfast.v1`, such as one that a proxy routes by. */
  readonly protocols?: readonly string[]
  /** The constructor to use instead of the platform's. */
  readonly WebSocket?: typeof WebSocket
}

/** @throws HoldfastError `bad_config` where there is no URL, or one that is no URL */
export function websocket(options: WebSocketOptions): Transport {
  const { url, protocols = [] } = options
  const urls = typeof url === 'string' ? [url] : url
  if (!urls?.length) throw new HoldfastError('bad_config', { message: 'websocket() needs a url.' })
  // A page's mistake shows where it is made. On a server, a relative URL waits for its browser.
  if (typeof location !== 'undefined') for (const each of urls) resolveUrl(each)

  return {
    name: 'websocket',
    peers: urls.length,
    open(attempt, events) {
      const Constructor = options.WebSocket ?? WebSocket
      let socket: WebSocket
      try {
        const resolved = resolveUrl(urls[attempt % urls.length] as string)
        socket = new Constructor(resolved, [SUBPROTOCOL, ...protocols])
      } catch (error) {
        return failing(events, error instanceof Error ? error.message : String(error))
      }
      socket.onopen = () => events.opened()
      socket.onmessage = ({ data }) => {
        if (typeof data !== 'string') return events.malformed('a binary message')
        const decoded = decodeServerFrame(data)
        if (decoded.ok) events.frame(decoded.frame)
        else events.malformed(`a malformed frame: ${decoded.fault}`)
      }
      socket.onclose = ({ code, reason }) => events.closed({ code, reason })
      return {
        send(frame) {
          if (socket.readyState === socket.OPEN) socket.send(encodeFrame(frame))
        },
        close(code, reason) {
          socket.onopen = socket.onmessage = socket.onclose = null
          // Node's own constructor reports an attempt that is given up as an error, which nobody could act on.
          socket.onerror = () => undefined
          socket.close(code, reason)
        },
      }
    },
  }
}

/** An attempt that ends before it begins: a URL that means nothing here, or that the platform refuses to open. */
function failing(events: TransportEvents, reason: string): Socket {
  let isClosed = false
  queueMicrotask(() => {
    if (!isClosed) events.closed({ code: 1006, reason })
  })
  return {
    send: () => undefined,
    close() {
      isClosed = true
    },
  }
}

function resolveUrl(url: string): string {
  const base = typeof location === 'undefined' ? undefined : location.href
  if (!URL.canParse(url, base))
    throw new HoldfastError('bad_config', {
      message: `websocket() cannot use the url ${JSON.stringify(url)}.`,
    })
  const resolved = new URL(url, base)
  resolved.protocol = resolved.protocol.replace(/^http/, 'ws')
  // A WebSocket's URL has no fragment; constructors throw over one.
  resolved.hash = ''
  return resolved.href
}
