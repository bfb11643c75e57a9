/** A server for bindings to talk to: one log a channel, over the fake transport, and a record of the commands. */
import { type Client, type ClientOptions, createClient } from '@holdfast/core'
import {
  type ClientFrame,
  formatOffset,
  formatTerm,
  type GapReason,
  type Item,
  parseOffset,
  type ServerFrame,
  type SubscribedItem,
  type SubscribeItem,
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
  /** A client of this server. */
  client(options?: Partial<ClientOptions>): Client
  /** Appends a message and sends it to whoever is subscribed. */
  publish(channel: string, data: unknown, event?: string): void
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

  function append(channel: string, items: readonly Item[]): number {
    const log = logOf(channel)
    const after = log.items.length
    log.items.push(...items)
    for (const link of subscribers.get(channel) ?? []) send(link, channel, after)
    return after + 1
  }

  function subscribe({ channel, from, resume }: SubscribeItem, link: FakeLink): [SubscribedItem, number] {
    commands.push(`subscribe ${channel}`)
    const links = subscribers.get(channel) ?? new Set()
    subscribers.set(channel, links.add(link))
    const { items, trimmed } = logOf(channel)
    const asked = startOf(items.length, from, resume)
    if (asked >= trimmed) return [{ channel, position: at(asked), recovered: true }, asked]
    const reason: GapReason = 'retention'
    const gap = { reason, term: TERM, from: asked + 1, to: trimmed, resumeAt: at(trimmed) }
    return [{ channel, position: at(trimmed), recovered: false, gap }, trimmed]
  }

  function answer(frame: ClientFrame, link: FakeLink): ServerFrame | null | undefined {
    const { id } = frame
    if (frame.type === 'subscribe') {
      const answers = frame.channels.map((item) => subscribe(item, link))
      link.send({ type: 'ok', id, channels: answers.map(([item]) => item) })
      for (const [{ channel }, after] of answers) send(link, channel, after, { replay: true })
      return null
    }
    if (frame.type === 'unsubscribe') {
      for (const channel of frame.channels) {
        commands.push(`unsubscribe ${channel}`)
        subscribers.get(channel)?.delete(link)
      }
    }
    if (frame.type === 'publish') {
      const time = clock.now()
      const seq = append(
        frame.channel,
        frame.messages.map((message) => ({ ...message, meta: {}, time, sender: 'ada' })),
      )
      return { type: 'ok', id, term: TERM, seq, at: at(seq + frame.messages.length - 1), time }
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

  return {
    clock,
    transport,
    commands,
    client: (options = {}) =>
      createClient({
        transports: [transport],
        auth: () => ({ token: 'token of ada' }),
        clock,
        random: seededRandom(1),
        activity: createFakeActivity({ hasUser: false }),
        ...options,
      }),
    publish(channel, data, event) {
      const id = `m${logOf(channel).items.length + 1}`
      append(channel, [{ id, time: clock.now(), data, ...(event === undefined ? {} : { event }) }])
    },
    trim(channel, seq) {
      logOf(channel).trimmed = seq
    },
    cut() {
      transport.link?.cut()
    },
  }
}

function startOf(top: number, from: SubscribeItem['from'], resume: SubscribeItem['resume']): number {
  if (resume?.[0] !== undefined) return parseOffset(resume[0])?.seq ?? 0
  if (from === 'earliest') return 0
  if (typeof from === 'object' && 'last' in from) return Math.max(0, top - from.last)
  if (typeof from === 'object' && 'after' in from) return parseOffset(from.after)?.seq ?? 0
  return top
}
