/** The network between pages and hubs: frames take their time, in order; connections are cut, fall silent, stall. */
import type { Socket, Transport, TransportEvents } from '@holdfast/core'
import type { Clock } from '@holdfast/core/ports'
import { decodeServerFrame, encodeFrame } from '@holdfast/core/protocol'
import type { Link, RequestInfo, Session } from '@holdfast/server-kit'
import type { Chance } from './chance.ts'
import type { Life } from './life.ts'

const REQUEST: RequestInfo = { headers: {}, url: '/', remoteAddress: '' }

/** A hub's process, as the network reaches it. */
export interface Host {
  readonly life: Life
  connect(link: Link, request: RequestInfo): Session
}

/** What the network tells of itself. */
export interface NetworkEvents {
  /** A frame as the hub took it in or sent it. */
  frame(connection: number, side: 'client' | 'server', text: string): void
  /** The hub's session has ended, whichever side ended it. */
  ended(connection: number): void
  /** An answer was dropped, and the connection cut over it; `channel` is that of the publish it answered, if it was one. */
  replyLost(connection: Connection, channel: string | null): void
}

export class Network {
  /** The longest that a frame is under way, in milliseconds. */
  latencyMs: number
  /** Frames that were under way while the network was slower than usual. */
  delayed = 0
  /** Null while no hub is up. */
  host: Host | null = null
  /** Nothing passes any more, and nobody is told. */
  isOver = false
  /** Pages are not listened to any more: what was asked gets its answer, and no more is asked. */
  isDeaf = false
  readonly connections = new Set<Connection>()
  /** Those whose hub has not heard of their end. */
  readonly hosted = new Set<Connection>()
  readonly clock: Clock
  readonly chance: Chance
  readonly events: NetworkEvents
  readonly #usualMs: number
  #number = 0

  constructor(clock: Clock, chance: Chance, latencyMs: number, events: NetworkEvents) {
    this.clock = clock
    this.chance = chance
    this.latencyMs = latencyMs
    this.#usualMs = latencyMs
    this.events = events
  }

  /** How long the next frame takes. */
  delay(): number {
    if (this.latencyMs > this.#usualMs) this.delayed++
    return this.chance.between(0, this.latencyMs)
  }

  /** The network as a page has it. `isOffline` refuses new connections. */
  transport(page: Life, isOffline: () => boolean): Transport {
    return {
      name: 'simulated',
      peers: 1,
      open: (_attempt, events) => {
        const connection = new Connection(this, page, events, ++this.#number)
        this.connections.add(connection)
        connection.open(isOffline())
        return connection.socket
      },
    }
  }

  of(page: Life): Connection[] {
    return [...this.connections].filter((connection) => connection.page === page)
  }
}

/** One direction: what is carried arrives in order, each thing after a time of its own. */
class Line {
  readonly #network: Network
  #free = 0

  constructor(network: Network) {
    this.#network = network
  }

  carry(arrive: () => void): void {
    if (this.#network.isOver) return
    const now = this.#network.clock.now()
    this.#free = Math.max(this.#free, now + this.#network.delay())
    this.#network.clock.after(this.#free - now, arrive)
  }
}

export class Connection {
  readonly number: number
  readonly page: Life
  readonly socket: Socket
  /** Drops the next answer to a publish, or any answer, and cuts the connection over it. */
  losesReply: 'ack' | 'any' | null = null
  /** Frames that a black hole took. */
  swallowed = 0
  /** The most bytes that waited while it was stalled. */
  mostBuffered = 0
  readonly #network: Network
  readonly #up: Line
  readonly #down: Line
  #events: TransportEvents | null
  #session: Session | null = null
  #host: Host | null = null
  #isSilent = false
  #isCut = false
  #hasEnded = false
  /** What waits in the server's socket while the page takes nothing; null otherwise. */
  #stalled: (() => void)[] | null = null
  #buffered = 0
  /** The channel of each publish, by its command's id. */
  readonly #asked = new Map<number, string>()
  #onDrain: () => void = () => undefined

  constructor(network: Network, page: Life, events: TransportEvents, number: number) {
    this.number = number
    this.page = page
    this.#network = network
    this.#up = new Line(network)
    this.#down = new Line(network)
    this.#events = events
    this.socket = {
      send: (frame) => {
        if (network.isDeaf) return
        const text = encodeFrame(frame)
        if (frame.type === 'publish') this.#asked.set(frame.id, frame.channel)
        this.#upwards(() => this.#receive(text))
      },
      close: () => this.#leave(),
    }
  }

  get isOpen(): boolean {
    return this.#session !== null && this.#events !== null && !this.#isCut && !this.#isSilent
  }

  open(isOffline: boolean): void {
    if (isOffline) {
      this.#down.carry(() => this.#tellClosed(1006, ''))
      return
    }
    this.#up.carry(() => {
      const { host } = this.#network
      if (this.#isCut || this.#isSilent || !this.#events) return
      if (!host || host.life.isOver) {
        this.#down.carry(() => this.#tellClosed(1006, ''))
        return
      }
      this.#host = host
      this.#session = host.connect(this.#link(), REQUEST)
      this.#network.hosted.add(this)
      this.#downwards(() => this.#events?.opened())
    })
  }

  /** Ends it on both sides, each told in its time; what is under way is lost. */
  cut(): void {
    if (this.#isCut) return
    this.#isCut = true
    const { clock, chance } = this.#network
    clock.after(chance.between(0, 20), () => this.#tellClosed(1006, ''))
    clock.after(chance.hits(0.8) ? chance.between(0, 50) : chance.between(1_000, 8_000), () => this.#hangUp())
    this.#network.connections.delete(this)
  }

  /** A black hole from here on: nothing passes, nobody is told. */
  goSilent(): void {
    this.#isSilent = true
  }

  /** The page takes nothing more, until `drain`. */
  stall(): void {
    this.#stalled ??= []
  }

  drain(): void {
    const waiting = this.#stalled ?? []
    this.#stalled = null
    this.#buffered = 0
    for (const arrive of waiting) this.#downwards(arrive)
    if (waiting.length > 0) this.#host?.life.run(() => this.#onDrain())
  }

  /** The process at the server's end is gone. */
  hostGone(isTold: boolean): void {
    this.#noteEnd()
    if (isTold) this.cut()
    else this.goSilent()
  }

  /** The page ended; its machine says so to the server, unless it went with it. */
  pageGone(isTold: boolean): void {
    if (isTold) this.#leave()
    else this.goSilent()
    this.#events = null
  }

  #link(): Link {
    const connection = this
    return {
      isClear: false,
      hasSeveralChannels: false,
      get bufferedBytes() {
        return connection.#buffered
      },
      send: ({ text }) => this.#sent(text),
      onDrain: (listener) => {
        this.#onDrain = listener
      },
      close: (code, reason) => {
        this.#noteEnd()
        const arrive = (): void => this.#tellClosed(code, reason)
        if (this.#stalled) this.#stalled.push(arrive)
        else this.#downwards(arrive)
      },
      terminate: () => {
        this.#noteEnd()
        this.cut()
      },
      // The page's network stack answers, whatever the page does.
      ping: () => this.#downwards(() => this.#upwards(() => this.#session?.heard()), true),
    }
  }

  #sent(text: string): boolean {
    const { events } = this.#network
    events.frame(this.number, 'server', text)
    const reply = this.losesReply && this.#replyIn(text)
    if (reply) {
      this.losesReply = null
      events.replyLost(this, reply.channel)
      this.cut()
      return true
    }
    const arrive = (): void => {
      const decoded = decodeServerFrame(text)
      if (decoded.ok) this.#events?.frame(decoded.frame)
      else this.#events?.malformed(decoded.fault)
    }
    if (!this.#stalled) {
      this.#downwards(arrive)
      return true
    }
    this.#stalled.push(arrive)
    this.#buffered += text.length
    this.mostBuffered = Math.max(this.mostBuffered, this.#buffered)
    return false
  }

  /** The answer that is to be lost, if this is one. */
  #replyIn(text: string): { channel: string | null } | null {
    const decoded = decodeServerFrame(text)
    if (!decoded.ok || decoded.frame.type !== 'ok') return null
    const channel = this.#asked.get(decoded.frame.id) ?? null
    return channel !== null || this.losesReply === 'any' ? { channel } : null
  }

  #upwards(arrive: () => void): void {
    this.#up.carry(() => {
      if (this.#isSilent) this.swallowed++
      else if (!this.#isCut) this.#host?.life.run(arrive)
    })
  }

  /** @param isBelow whether it does not reach the page itself, which may be asleep */
  #downwards(arrive: () => void, isBelow: boolean = false): void {
    this.#down.carry(() => {
      if (this.#isSilent) this.swallowed++
      else if (this.#isCut) return
      else if (!isBelow) this.page.run(arrive)
      else if (!this.page.isOver) arrive()
    })
  }

  #tellClosed(code: number, reason: string): void {
    this.#network.connections.delete(this)
    this.page.run(() => {
      const events = this.#events
      this.#events = null
      events?.closed({ code, reason })
    })
  }

  /** The page closes the socket. */
  #leave(): void {
    this.#events = null
    this.#network.connections.delete(this)
    this.#upwards(() => this.#end())
  }

  #hangUp(): void {
    this.#host?.life.run(() => this.#end())
  }

  #receive(text: string): void {
    if (!this.#session || this.#hasEnded) return
    this.#network.events.frame(this.number, 'client', text)
    this.#session.receive(text)
  }

  #end(): void {
    this.#session?.closed()
    this.#noteEnd()
  }

  #noteEnd(): void {
    this.#network.hosted.delete(this)
    if (this.#session && !this.#hasEnded) this.#network.events.ended(this.number)
    this.#hasEnded = true
  }
}
