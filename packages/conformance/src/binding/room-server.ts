/** A server for bindings to talk to: one log a channel, over the fake transport, and a record of the commands. */
import { type Client, type ClientOptions, createClient } from '@holdfast/core'
import {
  type ClientFrame,
  type ErrorCode,
  formatOffset,
  formatTerm,
  type GapReason,
  type HistoryFrame,
  type Item,
  type PublishFrame,
  parseOffset,
  type ServerFrame,
  type SubscribedItem,
  type SubscribeItem,
  wireError,
} from '@holdfast/core/protocol'
import {
  createFakeActivity,
  createFakeTransport,
  createVirtualClock,
  type FakeLink,
  type FakeTransport,
  scriptedPeer,
  seededRandom,
  type VirtualClock,
} from '@holdfast/core/testing'

const TERM = formatTerm(1, 'a'.repeat(13))
const at = (seq: number): string => formatOffset({ term: TERM, seq })

export interface RoomServer {
  readonly clock: VirtualClock
  readonly transport: FakeTransport
  /** Subscribe and unsubscribe commands in order, a channel each: `subscribe a`, `unsubscribe a`. */
  readonly commands: readonly string[]
  /** Everything that clients sent, in order. */
  readonly frames: readonly ClientFrame[]
  /** Names of channels that nobody may subscribe to. */
  readonly forbidden: Set<string>
  /** How publishes are answered: at once, not before `answer()`, or with this error. */
  publishes: 'at once' | 'held' | ErrorCode
  /** Takes and answers the publishes that are held. */
  answer(): void
  /** A client of this server. */
  client(options?: Partial<ClientOptions>): Client
  /** Appends a message and sends it to whoever is subscribed. */
  publish(channel: string, data: unknown, event?: string, from?: { id?: string; sender?: string }): void
  /** Forgets what is at or below a seq: who asks for it is told of a gap. */
  trim(channel: string, seq: number): void
  /** Ends the connection as a bad network does. */
  cut(): void
}

interface Log {
  readonly items: Item[]
  trimmed: number
}

export function roomServer(): RoomServer {
  const clock = createVirtualClock()
  const commands: string[] = []
  const frames: ClientFrame[] = []
  const forbidden = new Set<string>()
  let held: (() => void)[] = []
  const logs = new Map<string, Log>()
  const subscribers = new Map<string, Set<FakeLink>>()
  const logOf = (channel: string): Log =>
    logs.get(channel) ??
    logs.set(channel, { items: [], trimmed: 0 }).get(channel) ?? { items: [], trimmed: 0 }

  function send(link: FakeLink, channel: string, after: number, flags: { replay?: true } = {}): void {
    const items = logOf(channel).items.slice(after)
    const run = { term: TERM, seq: after + 1, items, at: at(after + items.length) }
    if (items.length > 0) link.send({ type: 'messages', channel, ...flags, ...run })
  }

  function store(channel: string, items: readonly Item[]): number {
    const log = logOf(channel)
    const after = log.items.length
    log.items.push(...items)
    for (const link of subscribers.get(channel) ?? []) send(link, channel, after)
    return after + 1
  }

  function subscribe({ channel, from, resume }: SubscribeItem, link: FakeLink): [SubscribedItem, number] {
    commands.push(`subscribe ${channel}`)
    if (forbidden.has(channel)) return [{ channel, error: wireError('forbidden') }, 0]
    const links = subscribers.get(channel) ?? new Set()
    subscribers.set(channel, links.add(link))
    const { items, trimmed } = logOf(channel)
    const asked = startOf(items.length, from, resume)
    if (asked >= trimmed) return [{ channel, position: at(asked), recovered: true }, asked]
    const reason: GapReason = 'retention'
    const gap = { reason, term: TERM, from: asked + 1, to: trimmed, resumeAt: at(trimmed) }
    return [{ channel, position: at(trimmed), recovered: false, gap }, trimmed]
  }

  function append({ id, channel, messages }: PublishFrame): ServerFrame {
    const time = clock.now()
    const seq = store(
      channel,
      messages.map((message) => ({ ...message, time, sender: 'ada' })),
    )
    return { type: 'ok', id, term: TERM, seq, at: at(seq + messages.length - 1), time }
  }

  /** The whole log, or what of it stands after an offset. */
  function history({ id, channel, after }: HistoryFrame): ServerFrame {
    const { items, trimmed } = logOf(channel)
    const from = Math.max(trimmed, after === undefined ? 0 : (parseOffset(after)?.seq ?? 0))
    const runs = items.length > from ? [{ term: TERM, seq: from + 1, items: items.slice(from) }] : []
    return { type: 'ok', id, runs, hasMore: false }
  }

  function answer(frame: ClientFrame, link: FakeLink): ServerFrame | null | undefined {
    const { id } = frame
    frames.push(frame)
    if (frame.type === 'subscribe') {
      const answers = frame.channels.map((item) => subscribe(item, link))
      link.send({ type: 'ok', id, channels: answers.map(([item]) => item) })
      for (const [{ channel, error }, after] of answers)
        if (!error) send(link, channel, after, { replay: true })
      return null
    }
    if (frame.type === 'unsubscribe') {
      for (const channel of frame.channels) {
        commands.push(`unsubscribe ${channel}`)
        subscribers.get(channel)?.delete(link)
      }
    }
    if (frame.type === 'history') return history(frame)
    if (frame.type === 'publish') {
      const { publishes } = server
      if (publishes === 'held') {
        held.push(() => link.send(append(frame)))
        return null
      }
      return publishes === 'at once' ? append(frame) : { type: 'error', id, error: wireError(publishes) }
    }
    return undefined
  }

  const polite = scriptedPeer({ answer })
  const transport = createFakeTransport({
    clock,
    onLink: (link) => {
      polite(link)
      link.onEnd = () => {
        for (const links of subscribers.values()) links.delete(link)
      }
    },
  })

  const server: RoomServer = {
    clock,
    transport,
    commands,
    frames,
    forbidden,
    publishes: 'at once',
    answer() {
      const now = held
      held = []
      for (const each of now) each()
    },
    client: (options = {}) =>
      createClient({
        transports: [transport],
        auth: () => ({ token: 'token of ada' }),
        clock,
        random: seededRandom(1),
        activity: createFakeActivity({ hasUser: false }),
        ...options,
      }),
    publish(channel, data, event, from = {}) {
      const id = `m${logOf(channel).items.length + 1}`
      store(channel, [{ id, time: clock.now(), data, ...(event === undefined ? {} : { event }), ...from }])
    },
    trim(channel, seq) {
      logOf(channel).trimmed = seq
    },
    cut() {
      transport.link?.cut()
    },
  }
  return server
}

function startOf(top: number, from: SubscribeItem['from'], resume: SubscribeItem['resume']): number {
  if (resume?.[0] !== undefined) return parseOffset(resume[0])?.seq ?? 0
  if (from === 'earliest') return 0
  if (typeof from === 'object' && 'last' in from) return Math.max(0, top - from.last)
  if (typeof from === 'object' && 'after' in from) return parseOffset(from.after)?.seq ?? 0
  return top
}
