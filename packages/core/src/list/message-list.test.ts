import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { LoadedChannel } from '../channel/channel.ts'
import type { BatchHandler, SubscribeOptions } from '../channel/listener.ts'
import type { Gap, Message } from '../channel/message.ts'
import { at, scriptedServer, TERM } from '../channel/scripted-server.test-kit.ts'
import { HoldfastError } from '../errors.ts'
import { Attempt } from '../outbox/attempt.ts'
import type { OutboxItem } from '../outbox/entry.ts'
import { formatOffset, formatTerm } from '../protocol/index.ts'
import { Writable } from '../readable.ts'
import { settled } from '../testing/index.ts'
import { type ListClient, MessageList, type MessageListOptions } from './message-list.ts'

const message = (seq: number, event = 'message'): Message => ({
  id: `m${seq}`,
  offset: at(seq),
  channel: 'room',
  event,
  data: seq,
  timestamp: 0,
  sender: null,
  meta: null,
  source: 'live',
})
const gap = (from: number, to: number, more: Partial<Gap> = {}): Gap => ({
  channel: 'room',
  reason: 'retention',
  term: null,
  from,
  to,
  resumeAt: at(to),
  ...more,
})

const ignore = (): undefined => undefined

interface Subscription {
  readonly options: SubscribeOptions
  readonly handler: BatchHandler
  isEnded: boolean
  /** Settles its `ready`. */
  readonly ready: (error?: Error) => void
}

/** A client whose channel holds these messages, and what was asked of it. */
function stage(cached: readonly Message[] = [], lastOffset: string | null = cached.at(-1)?.offset ?? null) {
  const loaded: LoadedChannel = { messages: cached, lastOffset }
  const subscriptions: Subscription[] = []
  const identity = new Writable<{ readonly id: string } | null>({ id: 'ada' })
  const outbox = new Writable<readonly OutboxItem[]>([])
  const channel: ReturnType<ListClient['channel']> = {
    load: vi.fn(async () => loaded) as never,
    subscribeBatches(options: SubscribeOptions, handler: unknown) {
      let settle: Subscription['ready'] = ignore
      const ready = new Promise<void>((resolve, reject) => {
        settle = (error) => (error ? reject(error) : resolve())
      })
      const subscription = { options, handler: handler as BatchHandler, isEnded: false, ready: settle }
      subscriptions.push(subscription)
      const unsubscribe = (): void => {
        subscription.isEnded = true
      }
      return Object.assign(unsubscribe, { ready })
    },
  }
  const client: ListClient = {
    identity$: identity.readable,
    outbox$: outbox.readable,
    channel: vi.fn(() => channel),
  }
  return {
    client,
    channel,
    identity,
    outbox,
    subscriptions,
    list: (options: MessageListOptions = {}) => new MessageList(client, 'room', options),
    /** The newest subscription. */
    get live(): Subscription {
      const live = subscriptions.at(-1)
      if (!live) throw new Error('nothing is subscribed')
      return live
    },
  }
}

const data = (list: MessageList): unknown[] => list.state.messages.map((each) => each.data)

describe('MessageList', () => {
  it('shows what is cached, then goes on after it', async () => {
    const made = stage([message(1), message(2)])
    const list = made.list({ from: 'earliest' })
    list.watch(ignore)
    await settled()
    expect(data(list)).toEqual([1, 2])
    expect(made.subscriptions.map(({ options }) => options.from)).toEqual([at(2)])
  })

  it('begins at `from` where nothing is cached', async () => {
    const made = stage()
    made.list({ from: { last: 5 } }).watch(ignore)
    await settled()
    expect(made.subscriptions.map(({ options }) => options.from)).toEqual([{ last: 5 }])
  })

  it('begins where the channel does, and with its params, where nothing else is told', async () => {
    const made = stage()
    made.list({ params: { room: 7 } }).watch(ignore)
    await settled()
    expect(made.live.options).toEqual({ onGap: expect.any(Function), params: { room: 7 } })
  })

  it('opens nothing for a watch that ended before the cache was read', async () => {
    const made = stage([message(1)])
    const list = made.list()
    list.watch(ignore)()
    await settled()
    expect(made.subscriptions).toEqual([])
    expect(list.state).toBe(list.initial)
  })

  it('watched again, goes on after what it holds', async () => {
    const made = stage([message(1)])
    const list = made.list()
    const stop = list.watch(ignore)
    await settled()
    made.live.handler([message(2)])
    stop()
    expect(made.live.isEnded).toBe(true)
    list.watch(ignore)
    expect(made.subscriptions[1]?.options.from).toBe(at(2))
  })

  it('watched by several, it is filled once, until the last of them ends', async () => {
    const made = stage()
    const list = made.list()
    const changed = vi.fn()
    const stops = [list.watch(changed)]
    await settled()
    stops.push(list.watch(changed))
    await settled()
    expect(made.subscriptions).toHaveLength(1)
    made.live.handler([message(1)])
    expect(changed).toHaveBeenCalledTimes(2)
    stops[0]?.()
    stops[0]?.()
    expect(made.live.isEnded).toBe(false)
    made.live.handler([message(2)])
    expect(changed).toHaveBeenCalledTimes(3)
    stops[1]?.()
    expect(made.live.isEnded).toBe(true)
    expect(data(list)).toEqual([1, 2])
  })

  it('goes on after initialMessages, which are there at once and bounded too', () => {
    const made = stage([message(1)])
    const list = made.list({ limit: 2, initialMessages: [message(7), message(8), message(9)] })
    expect([data(list), list.initial.isLoading]).toEqual([[8, 9], false])
    list.watch(ignore)
    expect(made.channel.load).not.toHaveBeenCalled()
    expect(made.live.options.from).toBe(at(9))
  })

  it('drops the oldest, and a gap with the message before it', async () => {
    const made = stage([message(1)])
    const list = made.list({ limit: 3 })
    let changes = 0
    list.watch(() => changes++)
    await settled()
    const { options, handler } = made.live
    options.onGap?.(gap(2, 4))
    expect(list.state.gaps).toMatchObject([{ from: 2, to: 4, at: 1 }])
    handler([message(5), message(6)])
    options.onGap?.(gap(7, 7))
    handler([message(8)])
    expect(data(list)).toEqual([5, 6, 8])
    expect(list.state.gaps).toMatchObject([
      { from: 2, at: 0 },
      { from: 7, at: 2 },
    ])
    list.resize(2)
    expect(data(list)).toEqual([5, 6, 8])
    handler([message(9)])
    expect(data(list)).toEqual([8, 9])
    expect(list.state.gaps).toMatchObject([{ from: 7, at: 0 }])
    expect(changes).toBe(6)
    list.resize(4)
    handler([message(10), message(11), message(12)])
    expect(data(list)).toEqual([9, 10, 11, 12])
  })

  it('the state is the same object until it changes', async () => {
    const made = stage([message(1)])
    const list = made.list()
    const changed = vi.fn()
    list.watch(changed)
    await settled()
    made.live.ready()
    await settled()
    const { state } = list
    changed.mockClear()
    made.identity.set({ id: 'ada' })
    made.outbox.set([])
    await settled()
    expect(changed).not.toHaveBeenCalled()
    expect(list.state).toBe(state)
  })

  it('of one event: of the cache too, and asks the channel for no other', async () => {
    const made = stage([message(1, 'like'), message(2), message(3, 'like'), message(4)])
    const list = made.list({ event: 'like' })
    list.watch(ignore)
    await settled()
    expect(data(list)).toEqual([1, 3])
    // What lies between is of no interest, so that the channel's own place counts.
    expect(made.live.options).toMatchObject({ event: 'like', from: at(4) })
  })

  it('of one event, which the cache has none of, is loading until the server has spoken', async () => {
    const made = stage([message(1)])
    const list = made.list({ event: 'like' })
    list.watch(ignore)
    await settled()
    expect(list.state).toMatchObject({ messages: [], isLoading: true })
    made.live.ready()
    await settled()
    expect(list.state.isLoading).toBe(false)
  })

  describe('isLoading', () => {
    it('ends with what is cached', async () => {
      const made = stage([message(1)])
      const list = made.list()
      list.watch(ignore)
      expect(list.state.isLoading).toBe(true)
      await settled()
      expect(list.state.isLoading).toBe(false)
    })

    it.each([
      ['when the server has given a position', (live: Subscription) => live.ready()],
      ['when it refuses', (live: Subscription) => live.ready(new HoldfastError('forbidden'))],
      ['with a message', (live: Subscription) => live.handler([message(1)])],
      ['with a gap', (live: Subscription) => live.options.onGap?.(gap(1, 2))],
    ])('where nothing is cached, ends %s', async (_, end) => {
      const made = stage()
      const list = made.list()
      list.watch(ignore)
      await settled()
      expect(list.state.isLoading).toBe(true)
      end(made.live)
      await settled()
      expect([list.state.isLoading, list.state.error]).toEqual([false, null])
    })

    it('is not ended by what this client publishes, nor by a subscription that was given up', async () => {
      const made = stage()
      const list = made.list()
      const stop = list.watch(ignore)
      await settled()
      made.outbox.set([item('mine', 'x')])
      expect(list.state).toMatchObject({ messages: [{ data: 'mine' }], isLoading: true })
      stop()
      made.live.ready()
      await settled()
      expect(list.state.isLoading).toBe(true)
    })
  })

  describe('when the identity ends', () => {
    it('begins anew: another’s messages, gaps and place do not count', async () => {
      const made = stage()
      const list = made.list({ from: { last: 5 }, initialMessages: [message(1)] })
      list.watch(ignore)
      const first = made.live
      first.options.onGap?.(gap(2, 2))
      first.handler([message(3)])
      made.outbox.set([item('mine', 'x')])
      made.identity.set({ id: 'bob' })
      expect(first.isEnded).toBe(true)
      expect(list.state).toEqual({ messages: [], gaps: [], isLoading: true, error: null })
      await settled()
      expect(made.live.options.from).toEqual({ last: 5 })
      made.live.handler([message(9)])
      expect(data(list)).toEqual([9])
    })

    it('begins anew where nobody follows, and goes on with whoever comes', async () => {
      const made = stage()
      const list = made.list()
      list.watch(ignore)
      await settled()
      made.live.handler([message(1)])
      made.identity.set(null)
      expect(list.state).toMatchObject({ messages: [], isLoading: true })
      await settled()
      made.identity.set({ id: 'bob' })
      expect(made.subscriptions.map(({ isEnded }) => isEnded)).toEqual([true, false])
      made.live.handler([message(2)])
      expect(data(list)).toEqual([2])
    })

    it('where nobody watched meanwhile, as soon as somebody does', async () => {
      const made = stage()
      const list = made.list()
      const stop = list.watch(ignore)
      await settled()
      made.live.handler([message(1)])
      stop()
      made.identity.set({ id: 'bob' })
      list.watch(ignore)
      expect(data(list)).toEqual([])
      await settled()
      expect(made.live.options.from).toBeUndefined()
      expect(made.subscriptions).toHaveLength(2)
    })

    it('what was being loaded for the one before is let pass', async () => {
      const made = stage([message(1)])
      const list = made.list()
      list.watch(ignore)
      made.identity.set({ id: 'bob' })
      await settled()
      expect(made.subscriptions).toHaveLength(1)
      expect(data(list)).toEqual([1])
    })

    it('its first identity is no other, nor the same again', async () => {
      const made = stage()
      made.identity.set(null)
      const list = made.list({ initialMessages: [message(1)] })
      list.watch(ignore)
      for (let n = 0; n < 2; n++) made.identity.set({ id: 'ada' })
      await settled()
      expect(data(list)).toEqual([1])
      expect(made.subscriptions).toHaveLength(1)
    })
  })
})

describe('MessageList: what cannot be filled', () => {
  /** A list on a real registry, and rejections that nobody heard. */
  function onRegistry(name: string, options: MessageListOptions = {}) {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    onTestFinished(() => void process.off('unhandledRejection', unhandled))
    const { registry } = scriptedServer()
    const identity$ = new Writable<{ readonly id: string } | null>(null).readable
    const outbox$ = new Writable<readonly OutboxItem[]>([]).readable
    const list = new MessageList(
      { identity$, outbox$, channel: (each) => registry.channel(each) },
      name,
      options,
    )
    return { list, unhandled }
  }

  it.each([
    ['a bad name', 'bad_channel', '', {}],
    ['a place that is none', 'bad_cursor', 'room', { from: 'yesterday' }],
    ['params that cannot be sent', 'bad_message', 'room', { params: { size: 1n } }],
    ['a bad name, with messages', 'bad_channel', '', { initialMessages: [message(1)] }],
  ])('%s is told as %s, and no rejection is left alone', async (_, code, name, options) => {
    const { list, unhandled } = onRegistry(name, options)
    const changed = vi.fn()
    const stop = list.watch(changed)
    await settled()
    expect(list.state).toMatchObject({ isLoading: false, error: { code } })
    expect(list.state.error).toBeInstanceOf(HoldfastError)
    expect(changed).toHaveBeenCalledTimes(1)
    stop()
    await settled()
    expect(unhandled).not.toHaveBeenCalled()
  })

  it('a name that the contract does not have', async () => {
    const made = stage()
    const { client } = made
    const unknown = new HoldfastError('unknown_channel')
    const list = new MessageList(
      {
        ...client,
        channel: () => {
          throw unknown
        },
      },
      'room',
    )
    list.watch(ignore)
    await settled()
    expect(list.state).toMatchObject({ isLoading: false, error: unknown })
  })

  it('what is no error of ours is told as internal, with its cause', async () => {
    const made = stage()
    const cause = new Error('the disk is gone')
    made.channel.load = () => Promise.reject(cause)
    const list = made.list()
    list.watch(ignore)
    await settled()
    expect(list.state.error).toMatchObject({ code: 'internal', cause })
  })

  it('an error of a beginning that was given up says nothing', async () => {
    const made = stage()
    made.channel.load = () => Promise.reject(new HoldfastError('bad_channel'))
    const list = made.list()
    list.watch(ignore)()
    await settled()
    expect(list.state).toBe(list.initial)
  })
})

/** A publish that waits, with the means to settle it. */
function item(text: unknown, id: string): OutboxItem & { attempt: Attempt } {
  const attempt = new Attempt(id)
  attempt.publish.catch(ignore)
  const { publish } = attempt
  return {
    id,
    channel: 'room',
    messages: [{ id, data: text }],
    state: 'waiting',
    createdAt: 5,
    publish,
    attempt,
  }
}

describe('MessageList: the place of what is confirmed', () => {
  const later = formatTerm(2, 'b'.repeat(13))
  const place = (seq: number, term = TERM): string => formatOffset({ seq, term })

  /** A list with one message that the log has at seq 7, and not sent back. */
  async function confirmed() {
    const made = stage()
    const list = made.list()
    list.watch(ignore)
    await settled()
    const mine = item('mine', 'x')
    made.outbox.set([mine])
    mine.attempt.succeed({ type: 'ok', id: 1, at: `${place(7)}.${'s'.repeat(16)}` })
    made.outbox.set([])
    await settled()
    expect(list.state.messages).toMatchObject([{ data: 'mine', local: { state: 'confirmed' } }])
    return { made, list }
  }

  it.each([
    ['behind it in its term', place(7), []],
    ['before it in its term', place(6), ['mine']],
    ['in a newer term, whatever the seq', place(3, later), []],
    ['in an older term, whatever the seq', place(9, formatTerm(0, 'z'.repeat(13))), ['mine']],
  ])('a gap that ends %s', async (_, resumeAt, left) => {
    const { made, list } = await confirmed()
    made.live.options.onGap?.(gap(1, 2, { resumeAt }))
    expect(data(list)).toEqual(left)
  })

  it('a log that lost it, and goes on in a newer term', async () => {
    const { made, list } = await confirmed()
    const lost = gap(6, 7, { reason: 'lost-tail', term: TERM, resumeAt: place(5) })
    made.live.options.onGap?.(lost)
    expect(data(list)).toEqual(['mine'])
    made.live.handler([{ ...message(6), offset: place(6, later) }])
    expect(data(list)).toEqual([6])
  })

  it('a message of the same id that nobody sent, or somebody else, does not stand for it', async () => {
    const { made, list } = await confirmed()
    made.live.handler([
      { ...message(5), id: 'x', sender: null },
      { ...message(6), id: 'x', sender: 'bob' },
    ])
    expect(data(list)).toEqual([5, 6, 'mine'])
    made.live.handler([{ ...message(7), id: 'x', sender: 'ada' }])
    expect(data(list)).toEqual([5, 6, 7])
  })
})
