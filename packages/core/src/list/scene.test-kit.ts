/** Clients on a scripted hub that appends, answers and sends back when it is told to: what tests of lists begin with. */
import { expect, onTestFinished } from 'vitest'
import { type Client, createClient } from '../client.ts'
import type { ClientOptions } from '../options.ts'
import type { Publish, PublishInput } from '../outbox/publish.ts'
import { type Locks, processLocks } from '../ports/index.ts'
import {
  type ClientFrame,
  type ErrorCode,
  formatOffset,
  formatTerm,
  type Item,
  isMessageItem,
  type MessageItem,
  type PublishFrame,
  parseOffset,
  type ServerFrame,
  type SubscribedItem,
  type SubscribeItem,
  seqsOf,
  type WireGap,
  wireError,
} from '../protocol/index.ts'
import { outboxJournal } from '../stores/journal.ts'
import { memoryStore } from '../stores/memory.ts'
import type { Store } from '../stores/store.ts'
import {
  createFakeActivity,
  createFakeTransport,
  createVirtualClock,
  type FakeLink,
  scriptedPeer,
  seededRandom,
  type VirtualClock,
  welcomeFrame,
} from '../testing/index.ts'
import type { ListedMessage } from './local-messages.ts'
import { MessageList, type MessageListOptions } from './message-list.ts'

const TERM: string = formatTerm(1, 'a'.repeat(13))
const at = (seq: number): string => formatOffset({ term: TERM, seq })

export interface SceneOptions {
  /** Nothing is kept, and messages have no offsets. */
  readonly isEphemeral?: boolean
  /** By how much the server's clock is ahead of the clients'. */
  readonly skewMs?: number
}

export interface Scene {
  readonly clock: VirtualClock
  /** What all clients of the scene share, as tabs of one origin do. */
  readonly store: Store
  /** Ids of the publishes that are not answered yet, oldest first. */
  readonly unanswered: readonly string[]
  /** Whether links can be opened. */
  isReachable: boolean
  /** Appends the oldest publish that is not answered; nobody is told. */
  append(): void
  /** Answers the oldest one, which is appended if it was not. */
  ack(): void
  refuse(code: ErrorCode): void
  /** Sends the next entries, all where left out, to whoever is subscribed. */
  echo(count?: number): void
  /** Appends somebody else's message; where the sender is null, the server's own. */
  say(data: unknown, from?: { id?: string; sender?: string | null }): void
  /** The message of this id is not sent to anybody: its seq is passed over. */
  withhold(id: string): void
  /** What was appended so far is no longer kept. */
  trim(): void
  /** Ends the connection as a bad network does; what is unanswered stays so. */
  cut(): void
  /** Lets everything happen that waits for nothing. */
  settle(): Promise<void>
  /** Makes the hub reachable, and lets time pass until the client is back. */
  online(client: Client): Promise<void>
  /** A client of its own random ids, as `ada` unless told otherwise. */
  client(options?: Partial<ClientOptions>): Client
  /** What `room` has, oldest first. */
  readonly log: readonly MessageItem[]
}

interface Unanswered {
  readonly frame: PublishFrame
  readonly link: FakeLink
  readonly sender: string
  /** Where its last message stands; null before it is appended. */
  seq: number | null
  isDuplicate: boolean
}

/** One channel, `room`, whatever the name. */
export function scene({ isEphemeral = false, skewMs = 0 }: SceneOptions = {}): Scene {
  const clock = createVirtualClock()
  const store: Store = { ...memoryStore(), journal: (options) => outboxJournal(store, options) }
  const locks: Locks = processLocks()
  const log: Item[] = []
  const senders = new WeakMap<FakeLink, string>()
  /** How far each subscriber was sent the log. */
  const sent = new Map<FakeLink, number>()
  let unanswered: Unanswered[] = []
  let trimmed = 0
  let clients = 0
  let others = 0

  function send(link: FakeLink, flags: { replay?: true } = {}, count: number = log.length): void {
    const after = sent.get(link)
    if (after === undefined || after >= log.length) return
    const items = log.slice(after, after + count)
    const end = after + items.length
    sent.set(link, end)
    const place = isEphemeral ? {} : { term: TERM, seq: after + 1, at: at(end) }
    const passing = isEphemeral ? items.filter(isMessageItem) : items
    if (passing.length > 0)
      link.send({ type: 'messages', channel: 'room', ...flags, ...place, items: passing })
  }

  function subscribe({ channel, from, resume }: SubscribeItem, link: FakeLink): SubscribedItem {
    if (isEphemeral) {
      sent.set(link, log.length)
      const gap: WireGap = { reason: 'not-kept', term: null, from: null, to: null, resumeAt: null }
      return { channel, position: null, ...(resume ? { recovered: false, gap } : { recovered: true }) }
    }
    const asked = startOf(log.length, from, resume)
    const start = Math.max(asked, trimmed)
    sent.set(link, start)
    const position = at(start)
    if (asked >= trimmed) return { channel, position, recovered: true }
    const gap: WireGap = { reason: 'retention', term: TERM, from: asked + 1, to: trimmed, resumeAt: position }
    return { channel, position, recovered: false, gap }
  }

  function append(publish: Unanswered | undefined): void {
    if (!publish || publish.seq !== null) return
    const { frame, sender } = publish
    const last = frame.messages.at(-1)?.id
    const known = log.findIndex((item) => isMessageItem(item) && item.id === last && item.sender === sender)
    publish.isDuplicate = known >= 0 && !isEphemeral
    if (!publish.isDuplicate) {
      for (const message of frame.messages) log.push({ ...message, sender, time: clock.now() + skewMs })
    }
    publish.seq = publish.isDuplicate ? known + 1 : log.length
  }

  function answer(frame: ClientFrame, link: FakeLink): ServerFrame | null | undefined {
    const { id } = frame
    if (frame.type === 'auth') {
      const identity = { id: frame.token ?? 'somebody', isAnonymous: frame.token === undefined }
      senders.set(link, identity.id)
      return welcomeFrame({ id, identity, time: clock.now() + skewMs })
    }
    if (frame.type === 'subscribe') {
      link.send({ type: 'ok', id, channels: frame.channels.map((item) => subscribe(item, link)) })
      send(link, { replay: true })
      return null
    }
    if (frame.type === 'unsubscribe') sent.delete(link)
    if (frame.type !== 'publish') return undefined
    unanswered.push({ frame, link, sender: senders.get(link) ?? '', seq: null, isDuplicate: false })
    return null
  }

  const polite = scriptedPeer({ answer })
  const transport = createFakeTransport({
    clock,
    onLink(link) {
      if (!made.isReachable) {
        link.cut()
        return
      }
      polite(link)
      link.onEnd = () => {
        sent.delete(link)
        unanswered = unanswered.filter((publish) => publish.link !== link)
      }
    },
  })

  const made: Scene = {
    clock,
    store,
    isReachable: true,
    get unanswered() {
      return unanswered.flatMap(({ frame }) => frame.messages.map(({ id }) => id))
    },
    append: () => append(unanswered.find(({ seq }) => seq === null)),
    ack() {
      const [publish] = unanswered
      append(publish)
      if (!publish || publish.seq === null) return
      unanswered.shift()
      const { frame, link, seq, isDuplicate } = publish
      const place = isEphemeral
        ? { at: null }
        : { term: TERM, seq: seq - frame.messages.length + 1, at: at(seq) }
      link.send({ type: 'ok', id: frame.id, ...place, time: clock.now() + skewMs, duplicate: isDuplicate })
    },
    refuse(code) {
      const publish = unanswered.shift()
      publish?.link.send({ type: 'error', id: publish.frame.id, error: wireError(code) })
    },
    echo(count) {
      for (const link of sent.keys()) send(link, {}, count)
    },
    say(data, { id = `other-${++others}`, sender = 'grace' } = {}) {
      log.push({ id, time: clock.now() + skewMs, data, ...(sender !== null && { sender }) })
    },
    withhold(id) {
      const place = log.findIndex((item) => isMessageItem(item) && item.id === id)
      const item = log[place]
      if (item) log[place] = { skip: seqsOf(item) }
    },
    trim() {
      trimmed = log.length
    },
    cut() {
      for (const link of transport.links) if (link.state !== 'ended') link.cut()
    },
    settle: () => clock.advance(0),
    async online(client) {
      made.isReachable = true
      for (let steps = 0; steps < 1_000 && !client.isConnected; steps++) await clock.advance(50)
      await clock.advance(0)
    },
    client: (options = {}) =>
      createClient({
        transports: [transport],
        auth: () => ({ token: 'ada' }),
        clock,
        random: seededRandom(++clients),
        activity: createFakeActivity({ hasUser: false }),
        locks,
        store,
        ...options,
      }),
    get log() {
      return log.filter(isMessageItem)
    },
  }
  return made
}

function startOf(top: number, from: SubscribeItem['from'], resume: SubscribeItem['resume']): number {
  if (resume?.[0] !== undefined) return parseOffset(resume[0])?.seq ?? 0
  if (from === 'earliest') return 0
  if (typeof from === 'object' && 'last' in from) return Math.max(0, top - from.last)
  if (typeof from === 'object' && 'after' in from) return parseOffset(from.after)?.seq ?? 0
  return top
}

/** What no list may show at any time: a message twice, the log out of its order, or the log's after what is not in it. */
export function faultOf({ state }: Pick<MessageList, 'state'>): string | null {
  const { messages } = state
  const identities = messages.map(({ id, sender, local }) => `${id} of ${local ? 'ada' : sender}`)
  const twice = identities.find((identity, place) => identities.indexOf(identity) < place)
  if (twice) return `${twice} is shown twice`
  const firstLocal = messages.findIndex(({ local }) => local)
  const own = firstLocal < 0 ? messages : messages.slice(0, firstLocal)
  if (messages.slice(own.length).some(({ local }) => !local))
    return 'a message of the log stands after a local one'
  const seqs = own.map(({ offset }) => parseOffset(offset ?? '')?.seq ?? 0)
  return seqs.some((seq, place) => seq < (seqs[place - 1] ?? 0)) ? 'the log is out of order' : null
}

/** A list in short: each message's data, and the state of what the log has not sent back. */
export function shownIn({ state }: Pick<MessageList, 'state'>): unknown[] {
  return state.messages.map(({ data, local }) => (local ? `${data}: ${local.state}` : data))
}

/** The message of the list with this data that the log has not sent back. */
export function localOf({ state }: Pick<MessageList, 'state'>, data: unknown): ListedMessage {
  const found = state.messages.find((message) => message.local && message.data === data)
  if (!found) throw new Error(`the list has no local ${data}`)
  return found
}

export const ignore: () => undefined = () => undefined

/** A list of `room` that is watched: what it shows is looked at with every change. */
export function watched(client: Client, options: MessageListOptions = {}): MessageList {
  const list = new MessageList(client, 'room', options)
  const faults: (string | null)[] = []
  list.watch(() => faults.push(faultOf(list)))
  onTestFinished(() => expect(faults.filter(Boolean)).toEqual([]))
  return list
}

export interface Page {
  readonly client: Client
  readonly list: MessageList
  /** Publishes in `room`; who does not wait for it hears of no failure. */
  publish(data: unknown, options?: { id?: string; volatile?: boolean }): Publish
  publishBatch(...messages: PublishInput[]): Publish
  /** What the list shows, in short. */
  shown(): unknown[]
}

/** A client, and a list that it watches. */
export async function page(
  hub: Scene,
  options: MessageListOptions = {},
  clientOptions: Partial<ClientOptions> = {},
): Promise<Page> {
  const client = hub.client(clientOptions)
  const list = watched(client, options)
  await hub.settle()
  const room = client.channel('room')
  const heard = (publish: Publish): Publish => {
    publish.catch(ignore)
    return publish
  }
  return {
    client,
    list,
    publish: (data, options) => heard(room.publish('message', data, options)),
    publishBatch: (...messages) => heard(room.publishBatch(messages)),
    shown: () => shownIn(list),
  }
}

/** The same on a hub of its own. */
export async function stage(
  options: MessageListOptions = {},
  sceneOptions: SceneOptions = {},
): Promise<Page & { readonly hub: Scene }> {
  const hub = scene(sceneOptions)
  return { hub, ...(await page(hub, options)) }
}
