/** Binds a client's channels and its connection to a query client. */
import { onlineManager, type QueryClient, type QueryKey } from '@tanstack/query-core'
import type { Gap, Message, MessageOf } from '../channel/message.ts'
import type { Client } from '../client.ts'
import type {
  AnyContract,
  ChannelArgument,
  EventMap,
  EventsOf,
  EventsOfKey,
  PatternKey,
} from '../contract/index.ts'
import { HoldfastError } from '../errors.ts'
import { type Clock, systemClock } from '../ports/index.ts'
import { Invalidations } from './invalidations.ts'
import { followConnection, type OnlineManager } from './online.ts'

/**
 * A query key, which stands for all that begin with it, or a list of keys. An array of nothing but arrays is a list: a
 * key like that, as tRPC has them, stands in a list of its own, `[[['post', 'byId']]]`. An empty array is no key at all, and
 * `[[]]` is every query.
 */
export type QueryKeys = QueryKey | readonly QueryKey[]

/** What the messages of a channel invalidate; a function says it of each message, and null means nothing. */
export type ChannelKeys<M extends Message = Message> =
  | QueryKeys
  | ((message: M) => QueryKeys | null | undefined)

/** Messages of any channel of a contract. */
type AnyMessageOf<C extends AnyContract> =
  EventsOfKey<C, PatternKey<C>> extends infer M ? (M extends EventMap ? MessageOf<M> : never) : never

/**
 * As `ChannelKeys`, for a channel whose name is computed, and may be any of the contract. A method, so that functions
 * beside it in the same object may take the messages of their own channel.
 */
type AnyChannelKeys<C extends AnyContract> =
  | QueryKeys
  | { keysOf(message: AnyMessageOf<C>): QueryKeys | null | undefined }['keysOf']

/** The keys of a channel; a text that says what is wrong where the contract has none of that name. */
export type ChannelEntry<C extends AnyContract, N> = N extends string
  ? string extends N
    ? AnyChannelKeys<C>
    : ChannelArgument<C, N> extends N
      ? ChannelKeys<MessageOf<EventsOf<C, N>>>
      : ChannelArgument<C, N>
  : AnyChannelKeys<C>

/**
 * @typeParam C - the client's contract, if it has one
 * @typeParam T - what `channels` is
 */
export interface BindOptions<
  C extends AnyContract = AnyContract,
  T extends Readonly<Record<string, unknown>> = Readonly<Record<string, ChannelKeys>>,
> {
  /** By channel, what its messages invalidate. Each is subscribed to, which connects the client. */
  readonly channels: T & { readonly [N in keyof T]: ChannelEntry<C, N> }
  /**
   * Which keys missing messages may have been about, for channels whose keys a function says: nobody can ask it about
   * messages that never came, and the keys it has returned so far say nothing of them. Called once a gap. Left out, a
   * gap on such a channel invalidates every query. Channels with keys of their own do not need it: a gap invalidates those.
   */
  readonly onGap?: (gap: Gap) => QueryKeys | null | undefined
  /** How long an invalidation waits for more messages, in milliseconds. Default: 100. */
  readonly waitMs?: number
  /**
   * What says whether queries may be fetched. Default: the `onlineManager` of `@tanstack/query-core`, which is also that
   * of `@tanstack/react-query` and the others unless they were installed with another version of it. `false`: queries do
   * not depend on the connection. It stays as it is until the client was connected once, or knows that there is no network.
   */
  readonly onlineManager?: OnlineManager | false
  /** Where timers are set. Default: the platform's. */
  readonly clock?: Clock
}

/** Ends a binding. What was waiting to be invalidated is invalidated at once. A second call does nothing. */
export interface Unbind {
  (): void
  /**
   * Resolves when every channel is subscribed: whatever is published from here on invalidates. Where the client holds
   * nothing of a channel, what was published before is not told, and data fetched before (on a server, in an earlier
   * session) may be older than that: `ready.then(() => queryClient.invalidateQueries())` fetches it again. Rejects with a
   * HoldfastError where the server refuses a channel, or with `cancelled`; the other channels go on.
   */
  readonly ready: Promise<void>
}

/**
 * Lets messages invalidate queries, and lets queries wait while there is no connection.
 *
 * Messages invalidate what `channels` says of them. All that come within `waitMs` of the first count as one: each key is
 * invalidated once, also in a steady flow, in which it is once every `waitMs`. A query that is being fetched then is not
 * cancelled, but fetched once more afterwards. What was missed while the connection was lost comes as messages; where
 * messages are lost for good, everything that they may have been about is invalidated. A function that throws invalidates
 * nothing with this message: its error surfaces as uncaught, as those of all handlers do.
 *
 * The online manager follows the connection: it is online while the client is ONLINE or AWAY, so that queries pause else, and
 * after `disconnect()`. A client that was never connected leaves it as it is, unless it knows that there is no network: a page
 * that loads need not wait for its socket. Unbinding lets it listen to the platform again, as by default; whoever had given it another listener gives it again.
 *
 * @throws HoldfastError `bad_config`, `bad_channel`, and `unknown_channel` in development; then nothing is bound
 * @example
 * const contract = defineContract({
 *   channels: { prices: {}, orders: { events: { changed: z.object({ id: z.string() }) } } },
 * })
 * const client = createClient({ transports: [websocket({ url: '/realtime' })], contract })
 * const unbind = bindQueryClient(client, queryClient, {
 *   channels: {
 *     prices: ['prices'],
 *     orders: ({ data }) => [['orders', 'list'], ['orders', 'detail', data.id]],
 *   },
 *   onGap: () => ['orders'],
 * })
 */
export function bindQueryClient<C extends AnyContract, T extends Readonly<Record<string, unknown>>>(
  client: Client<C>,
  queryClient: QueryClient,
  options: BindOptions<C, T>,
): Unbind {
  const { waitMs = 100, clock = systemClock, onGap } = options
  if (!(waitMs >= 0 && waitMs < Number.POSITIVE_INFINITY))
    throw new HoldfastError('bad_config', { message: 'waitMs must be a number, 0 or more.' })
  const anyClient = client as unknown as Client
  const invalidations = new Invalidations(queryClient, clock, waitMs)
  const ready: Promise<void>[] = []
  const ends: (() => void)[] = []

  const bindChannel = (name: string, keys: ChannelKeys): void => {
    const keysOf = typeof keys === 'function' ? keys : () => keys
    const known = typeof keys === 'function' ? EVERYTHING : keys
    const isAsked = typeof keys === 'function' && onGap
    const unsubscribe = anyClient.channel(name).subscribe(
      {
        onGap: (gap) => invalidations.name(toList(isAsked ? onGap(gap) : known)),
        // There was a message, of which nothing else is known.
        onError: () => invalidations.name(toList(known)),
      },
      (message) => invalidations.name(toList(keysOf(message))),
    )
    ready.push(unsubscribe.ready)
    ends.push(unsubscribe)
  }
  const unbind = (): void => {
    for (const end of ends.splice(0)) end()
    invalidations.end()
  }

  try {
    for (const [name, keys] of Object.entries(options.channels)) bindChannel(name, keys as ChannelKeys)
    if (options.onlineManager !== false)
      ends.push(followConnection(options.onlineManager ?? onlineManager, anyClient))
  } catch (error) {
    unbind()
    throw error
  }
  const all = Promise.all(ready).then(() => undefined)
  all.catch(() => undefined)
  return Object.assign(unbind, { ready: all })
}

const EVERYTHING: QueryKeys = [[]]

function toList(keys: QueryKeys | null | undefined): readonly QueryKey[] {
  if (!keys) return []
  return keys.every((key) => Array.isArray(key)) ? (keys as readonly QueryKey[]) : [keys]
}
