/** A transport without a network: what meets it is a script, and every frame passes through the codec. */
import type { Clock } from '../ports/clock.ts'
import { type ClientFrame, decodeServerFrame, encodeFrame, type ServerFrame } from '../protocol/index.ts'
import type { Socket, Transport, TransportClosure, TransportEvents } from '../transports/transport.ts'

/** The server's end of one socket. */
export interface FakeLink {
  /** Which of the transport's peers was asked. */
  readonly peer: number
  readonly state: 'opening' | 'open' | 'ended'
  /** What the client sent, in order, as far as it arrived. */
  readonly received: readonly ClientFrame[]
  /** Called with each frame of the client as it arrives; `text` is what was on the wire. */
  onFrame: ((frame: ClientFrame, text: string) => void) | null
  /** Called once when the link ends, whoever ended it. */
  onEnd: ((closure: TransportClosure) => void) | null
  /** Completes the opening. */
  accept(): void
  /** Sends a frame, or text as it is. */
  send(frame: ServerFrame | string): void
  /** Ends the link properly; before `accept` it refuses. What was sent before still arrives. */
  close(code?: number, reason?: string): void
  /** Ends the link at once, on both sides; what is on its way is lost. */
  cut(): void
  /** A black hole from here on: nothing passes in either direction, and nobody is told. */
  goSilent(): void
}

export interface FakeTransport extends Transport {
  /** Every link so far, the oldest first. */
  readonly links: readonly FakeLink[]
  /** The newest link that the client holds, or null. */
  readonly link: FakeLink | null
  /** Links that the client holds: it has neither closed them nor heard of their end. */
  readonly live: number
  /** The time that a frame, an opening and a closing take, each way. Order is kept when it changes. Default: 0. */
  latencyMs: number
  /** Meets each attempt; `accept`s where left out. */
  onLink: (link: FakeLink) => void
}

export interface FakeTransportOptions {
  readonly clock: Clock
  readonly name?: string
  readonly peers?: number
  readonly onLink?: (link: FakeLink) => void
}

export function createFakeTransport(options: FakeTransportOptions): FakeTransport {
  const links: Link[] = []
  const transport: FakeTransport = {
    name: options.name ?? 'fake',
    peers: options.peers ?? 1,
    latencyMs: 0,
    onLink: options.onLink ?? ((link) => link.accept()),
    links,
    get link() {
      return links.findLast(({ isHeld }) => isHeld) ?? null
    },
    get live() {
      return links.filter(({ isHeld }) => isHeld).length
    },
    open(attempt, events) {
      const link = new Link(attempt % transport.peers, options.clock, () => transport.latencyMs, events)
      links.push(link)
      link.carry(() => transport.onLink(link))
      return link.socket
    },
  }
  return transport
}

class Link implements FakeLink {
  readonly peer: number
  readonly received: ClientFrame[] = []
  state: 'opening' | 'open' | 'ended' = 'opening'
  onFrame: FakeLink['onFrame'] = null
  onEnd: FakeLink['onEnd'] = null
  readonly socket: Socket
  readonly #clock: Clock
  readonly #latencyMs: () => number
  /** The client's ears; null once it closed, or was told of the end. */
  #events: TransportEvents | null
  #isSilent = false
  /** What is on its way. Whoever arrives carries the first of it, so that order outlives a change of latency. */
  readonly #way: (() => void)[] = []

  constructor(peer: number, clock: Clock, latencyMs: () => number, events: TransportEvents) {
    this.peer = peer
    this.#clock = clock
    this.#latencyMs = latencyMs
    this.#events = events
    this.socket = {
      send: (frame) => this.#sendToPeer(encodeFrame(frame)),
      close: (code = 1000, reason = '') => {
        if (!this.#events) return
        this.#events = null
        this.carry(() => this.#end({ code, reason }))
      },
    }
  }

  /** Does something at the other end, one latency later, unless the link is a black hole by then. */
  carry(act: () => void): void {
    this.#way.push(act)
    this.#clock.after(this.#latencyMs(), () => {
      const first = this.#way.shift()
      if (!this.#isSilent) first?.()
    })
  }

  /** Whether the client has neither closed it nor heard of its end. */
  get isHeld(): boolean {
    return this.#events !== null
  }

  accept(): void {
    this.carry(() => {
      if (this.state !== 'opening') return
      this.state = 'open'
      this.#events?.opened()
    })
  }

  send(frame: ServerFrame | string): void {
    const text = typeof frame === 'string' ? frame : encodeFrame(frame)
    this.carry(() => {
      if (this.state !== 'open') return
      const decoded = decodeServerFrame(text)
      if (decoded.ok) this.#events?.frame(decoded.frame)
      else this.#events?.malformed(`a malformed frame: ${decoded.fault}`)
    })
  }

  close(code = 1000, reason = ''): void {
    this.carry(() => this.#end({ code, reason }))
  }

  cut(): void {
    this.#end({ code: 1006, reason: '' })
  }

  goSilent(): void {
    this.#isSilent = true
  }

  #sendToPeer(text: string): void {
    if (this.state !== 'open' || !this.#events) return
    this.carry(() => {
      if (this.state !== 'open') return
      const frame = JSON.parse(text) as ClientFrame
      this.received.push(frame)
      this.onFrame?.(frame, text)
    })
  }

  #end(closure: TransportClosure): void {
    if (this.state === 'ended') return
    this.state = 'ended'
    const events = this.#events
    this.#events = null
    this.onEnd?.(closure)
    events?.closed(closure)
  }
}
