/** What a snippet's test stands on: a hub, the network to it, and time that passes when it is told to. */
import { type Client, type ClientOptions, createClient } from '@holdfast/core'
import { websocket } from '@holdfast/core/transports/websocket'
import { createHub, type Hub, type HubOptions, memoryLog } from '@holdfast/server-kit'
import { afterEach, beforeEach, vi } from 'vitest'
import { createNetwork, type Network } from './network.ts'

export interface Stage {
  readonly network: Network
  /** Starts a hub, and lets the network lead to it. Open to everybody unless told otherwise. */
  hub(options?: Partial<HubOptions>): Hub
  /** Lets the network lead to a hub that a snippet has made; it is closed with the test. */
  use<H extends Hub>(hub: H): H
  /** A client beside the snippet's own, closed with the test. */
  client(options?: Partial<ClientOptions>): Client
  /** Closes a client that a snippet has made with the test. */
  own<C extends Pick<Client, 'close'>>(client: C): C
}

/** Timers that the tests move. The event loop's own turns carry the frames, and stay as they are. */
const TIMERS = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] as const
/** 2026-01-01T12:00:00Z. */
const NOON = 1_767_268_800_000
/** Turns of the event loop in which an exchange of a few frames is over. */
const TURNS = 20
const MOST_TURNS = 100_000

let endings: (() => unknown)[] = []

/** Does something when the test is over, before what was registered earlier. */
export function atEnd(ending: () => unknown): void {
  endings.push(ending)
}

/** The stage of a test file: set up anew for each test. */
export function setStage(): Stage {
  let network = createNetwork()

  beforeEach(() => {
    vi.useFakeTimers({ toFake: [...TIMERS], now: NOON })
    network = createNetwork()
    vi.stubGlobal('WebSocket', network.WebSocket)
    if (typeof location === 'undefined') vi.stubGlobal('location', { href: 'http://localhost/' })
  })

  afterEach(async () => {
    const all = endings.toReversed()
    endings = []
    for (const ending of all) await Promise.all([ending(), passing(1_000)])
    vi.useRealTimers()
    vi.unstubAllGlobals()
    vi.restoreAllMocks()
  })

  const stage: Stage = {
    get network() {
      return network
    },
    hub: (options = {}) => stage.use(createHub({ log: memoryLog(), open: true, ...options } as HubOptions)),
    use(hub) {
      atEnd(() => hub.close({ drainMs: 1 }))
      network.hub = hub
      return hub
    },
    client: (options = {}) =>
      stage.own(createClient({ transports: [websocket({ url: '/realtime' })], ...options })),
    own(client) {
      atEnd(() => client.close())
      return client
    },
  }
  return stage
}

/** Lets so much time pass, and what is under way arrive. */
export async function passing(ms = 0): Promise<void> {
  await turns()
  await vi.advanceTimersByTimeAsync(0)
  await turns()
  const step = Math.max(100, ms / 200)
  for (let passed = 0; passed < ms; passed += step) {
    await vi.advanceTimersByTimeAsync(Math.min(step, ms - passed))
    await turns()
  }
}

/** Waits, without a timer, until something is so: for what takes real sockets and files. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    if (isSo()) return
    await oneTurn()
  }
  throw new Error('It never was so.')
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await oneTurn()
}

function oneTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Longer than the longest wait before the first attempt at a reconnect. */
export const RECONNECT_MS = 4_000
/** Longer than a channel that nobody listens to stays subscribed. */
export const LINGER_MS = 3_000
