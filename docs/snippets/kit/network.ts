/**
 * The network of the snippets: the platform's `WebSocket` leads to a hub in the same process, so that what a page shows
 * runs as it stands, `websocket({ url: '/realtime' })` included.
 */
import type { Hub, Link, RequestInfo, Session } from '@holdfast/server-kit'

const REQUEST: RequestInfo = {
  headers: { host: 'localhost', origin: 'http://localhost' },
  url: '/realtime',
  remoteAddress: '127.0.0.1',
}

const [CONNECTING, OPEN, CLOSED] = [0, 1, 3]

export interface Network {
  /** What to put in the place of the platform's constructor. */
  readonly WebSocket: typeof WebSocket
  /** Where sockets lead; null while there is no server. */
  hub: Hub | null
  /** Hosts that cannot be reached. */
  readonly down: Set<string>
  /** Sockets that are open now. */
  readonly open: number
  /** Ends every socket, as a lost network does. */
  cut(): void
}

export function createNetwork(): Network {
  const sockets = new Set<HubSocket>()

  /** As much of a WebSocket as a transport uses. */
  class HubSocket {
    readonly OPEN = OPEN
    readyState = CONNECTING
    onopen: (() => void) | null = null
    onmessage: ((event: { data: string }) => void) | null = null
    onclose: ((event: { code: number; reason: string }) => void) | null = null
    onerror: (() => void) | null = null
    #session: Session | null = null

    constructor(url: string) {
      setImmediate(() => this.#connect(new URL(url).host))
    }

    async #connect(host: string): Promise<void> {
      const { hub, down } = network
      try {
        if (!hub || down.has(host) || this.readyState === CLOSED) throw new Error('There is no server.')
        const identity = await hub.admit(REQUEST, false)
        this.#session = hub.connect(this.#link(), REQUEST, identity)
      } catch {
        this.end(1006, '')
        return
      }
      this.readyState = OPEN
      sockets.add(this)
      this.onopen?.()
    }

    #link(): Link {
      return {
        isClear: false,
        hasSeveralChannels: false,
        bufferedBytes: 0,
        send: ({ text }) => {
          setImmediate(() => this.onmessage?.({ data: text }))
          return true
        },
        onDrain: () => undefined,
        close: (code, reason) => void setImmediate(() => this.end(code, reason)),
      }
    }

    send(text: string): void {
      setImmediate(() => {
        if (this.readyState === OPEN) this.#session?.receive(text)
      })
    }

    close(): void {
      this.end(1000, '')
    }

    end(code: number, reason: string): void {
      if (this.readyState === CLOSED) return
      this.readyState = CLOSED
      sockets.delete(this)
      this.#session?.closed()
      this.onclose?.({ code, reason })
    }
  }

  const network: Network = {
    WebSocket: HubSocket as unknown as typeof WebSocket,
    hub: null,
    down: new Set(),
    get open() {
      return sockets.size
    },
    cut() {
      for (const socket of [...sockets]) socket.end(1006, '')
    },
  }
  return network
}
