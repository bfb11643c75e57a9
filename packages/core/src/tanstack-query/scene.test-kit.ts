/** For the tests of this folder: a client of a scripted server with a log a channel, and a query client with its queries. */
import { type FetchStatus, QueryClient, type QueryKey, QueryObserver } from '@tanstack/query-core'
import { onTestFinished, vi } from 'vitest'
import { type Client, createClient } from '../client.ts'
import type { Clock } from '../ports/index.ts'
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
  wireError,
} from '../protocol/index.ts'
import { createFakeActivity } from '../testing/fake-activity.ts'
import { createFakeTransport, type FakeLink } from '../testing/fake-transport.ts'
import { scriptedPeer } from '../testing/scripted-peer.ts'
import { seededRandom } from '../testing/seeded-random.ts'
import { createVirtualClock, type VirtualClock } from '../testing/virtual-clock.ts'
import { type BindOptions, bindQueryClient, type Unbind } from './index.ts'

const TERM = formatTerm(1, 'a'.repeat(13))
const at = (seq: number): string => formatOffset({ term: TERM, seq })

export interface Scene {
  readonly clock: VirtualClock
  readonly client: Client
  readonly queryClient: QueryClient
  /** Binds this scene's clients, on its clock, for as long as the test runs. */
  bind(options: BindOptions): Unbind
  /** Timers of the bindings that have neither fired nor been cleared. */
  readonly timers: number
  /** The keys of every `invalidateQueries` that left running fetches alone. */
  readonly invalidated: QueryKey[]
  /** Names of channels that nobody may subscribe to. */
  readonly forbidden: Set<string>
  /** Whether the server has a subscription. */
  isSubscribed(channel: string): boolean
  /** Appends messages with these data and sends them to whoever is subscribed. */
  publish(channel: string, ...data: unknown[]): void
  /** Appends an entry that cannot be read. */
  spoil(channel: string): void
  /** Forgets what the log holds: who asks for it is told of a gap. */
  trim(channel: string): void
  /** Ends the connection as a bad network does, and lets no other come until `restore`. */
  cut(): void
  restore(): void
  /** Shows a query, each fetch of which takes a while. */
  show(queryKey: QueryKey, takesMs?: number): Shown
}

export interface Shown {
  /** Fetches so far. */
  readonly fetches: number
  /** When the fetch was begun whose result is shown; null where there is none. */
  readonly asOf: number | null
  readonly fetchStatus: FetchStatus | undefined
}

export function createScene(): Scene {
  const clock = createVirtualClock()
  let timers = 0
  const forbidden = new Set<string>()
  const logs = new Map<string, { items: Item[]; trimmed: number }>()
  const subscribed = new Set<string>()
  let isCut = false
  const logOf = (channel: string) =>
    logs.get(channel) ??
    logs.set(channel, { items: [], trimmed: 0 }).get(channel) ?? { items: [], trimmed: 0 }

  const bindingClock: Clock = {
    now: () => clock.now(),
    after(delayMs, callback) {
      let isPending = true
      const done = (): void => {
        if (isPending) timers--
        isPending = false
      }
      timers++
      const timer = clock.after(delayMs, () => {
        done()
        callback()
      })
      return {
        clear() {
          done()
          timer.clear()
        },
      }
    },
  }

  const send = (link: FakeLink, channel: string, after: number, flags: { replay?: true } = {}): void => {
    const items = logOf(channel).items.slice(after)
    const run = { term: TERM, seq: after + 1, items, at: at(after + items.length) }
    if (items.length > 0) link.send({ type: 'messages', channel, ...flags, ...run })
  }
  const subscribe = ({ channel, resume }: SubscribeItem): [SubscribedItem, number] => {
    if (forbidden.has(channel)) return [{ channel, error: wireError('forbidden') }, 0]
    subscribed.add(channel)
    const { items, trimmed } = logOf(channel)
    const asked = resume?.[0] === undefined ? items.length : (parseOffset(resume[0])?.seq ?? 0)
    if (asked >= trimmed) return [{ channel, position: at(asked), recovered: true }, asked]
    const reason: GapReason = 'retention'
    const gap = { reason, term: TERM, from: asked + 1, to: trimmed, resumeAt: at(trimmed) }
    return [{ channel, position: at(trimmed), recovered: false, gap }, trimmed]
  }
  const append = (channel: string, items: readonly Item[]): void => {
    const log = logOf(channel)
    const after = log.items.length
    log.items.push(...items)
    if (transport.link && subscribed.has(channel)) send(transport.link, channel, after)
  }
  const answer = (frame: ClientFrame, link: FakeLink): ServerFrame | null | undefined => {
    if (frame.type === 'unsubscribe') for (const channel of frame.channels) subscribed.delete(channel)
    if (frame.type !== 'subscribe') return undefined
    const answers = frame.channels.map(subscribe)
    link.send({ type: 'ok', id: frame.id, channels: answers.map(([item]) => item) })
    for (const [{ channel, error }, after] of answers)
      if (!error) send(link, channel, after, { replay: true })
    return null
  }
  const polite = scriptedPeer({ answer })
  const transport = createFakeTransport({
    clock,
    onLink: (link) => (isCut ? link.close(1006) : polite(link)),
  })
  const client = createClient({
    transports: [transport],
    auth: () => ({ token: 'token of ada' }),
    clock,
    random: seededRandom(1),
    activity: createFakeActivity(),
  })
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 1e9 } } })
  queryClient.mount()
  const invalidated: QueryKey[] = []
  const invalidate = queryClient.invalidateQueries.bind(queryClient)
  vi.spyOn(queryClient, 'invalidateQueries').mockImplementation((filters, options) => {
    if (options?.cancelRefetch === false) invalidated.push((filters?.queryKey ?? []) as QueryKey)
    return invalidate(filters, options)
  })
  onTestFinished(async () => {
    queryClient.clear()
    queryClient.unmount()
    await client.close()
  })

  return {
    clock,
    client,
    queryClient,
    bind(options) {
      const unbind = bindQueryClient(client, queryClient, { clock: bindingClock, ...options })
      onTestFinished(unbind)
      return unbind
    },
    get timers() {
      return timers
    },
    invalidated,
    forbidden,
    isSubscribed: (channel) => subscribed.has(channel),
    publish(channel, ...data) {
      const first = logOf(channel).items.length + 1
      const toItem = (value: unknown, n: number): Item => ({
        id: `m${first + n}`,
        time: clock.now(),
        data: value,
      })
      append(channel, data.map(toItem))
    },
    spoil: (channel) => append(channel, [{ poison: 'unreadable' }]),
    trim(channel) {
      const log = logOf(channel)
      log.trimmed = log.items.length
    },
    cut() {
      isCut = true
      subscribed.clear()
      transport.link?.cut()
    },
    restore() {
      isCut = false
    },
    show(queryKey, takesMs = 0) {
      let fetches = 0
      const queryFn = (): Promise<number> => {
        const begun = clock.now()
        fetches++
        return new Promise((resolve) => clock.after(takesMs, () => resolve(begun)))
      }
      const observer = new QueryObserver(queryClient, { queryKey, queryFn })
      onTestFinished(observer.subscribe(() => undefined))
      return {
        get fetches() {
          return fetches
        },
        get asOf() {
          return queryClient.getQueryData<number>(queryKey) ?? null
        },
        get fetchStatus() {
          return queryClient.getQueryState(queryKey)?.fetchStatus
        },
      }
    },
  }
}
