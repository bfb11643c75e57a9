import { describe, expect, it } from 'vitest'
import type { LoadedChannel } from './channel.ts'
import type { BatchHandler, SubscribeOptions } from './listener.ts'
import type { Gap, Message } from './message.ts'
import { MessageList } from './message-list.ts'
import { at } from './scripted-server.test-kit.ts'

const message = (seq: number): Message => ({
  id: `m${seq}`,
  offset: at(seq),
  channel: 'room',
  event: 'message',
  data: seq,
  timestamp: 0,
  sender: null,
  meta: null,
  source: 'live',
})
const gap = (from: number, to: number): Gap => ({
  channel: 'room',
  reason: 'retention',
  term: null,
  from,
  to,
  resumeAt: at(to),
})

/** A channel that holds these messages, and what was asked of it. */
function stage(...cached: number[]) {
  const loaded: LoadedChannel = {
    messages: cached.map(message),
    lastOffset: cached.length === 0 ? null : at(cached.at(-1) ?? 0),
  }
  const subscriptions: { options: SubscribeOptions; handler: BatchHandler; isEnded: boolean }[] = []
  const channel = {
    load: async () => loaded,
    subscribeBatches(options: SubscribeOptions, handler: BatchHandler) {
      const subscription = { options, handler, isEnded: false }
      subscriptions.push(subscription)
      const unsubscribe = (): void => {
        subscription.isEnded = true
      }
      return Object.assign(unsubscribe, { ready: Promise.resolve() })
    },
  }
  return { channel, subscriptions }
}

const data = (list: MessageList): unknown[] => list.state.messages.map((each) => each.data)
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

describe('MessageList', () => {
  it('shows what is cached, then goes on after it', async () => {
    const { channel, subscriptions } = stage(1, 2)
    const list = new MessageList(channel, { from: 'earliest' })
    list.watch(() => undefined)
    await settle()
    expect(data(list)).toEqual([1, 2])
    expect(subscriptions.map(({ options }) => options.from)).toEqual([at(2)])
  })

  it('begins at `from` where nothing is cached', async () => {
    const { channel, subscriptions } = stage()
    new MessageList(channel, { from: { last: 5 } }).watch(() => undefined)
    await settle()
    expect(subscriptions.map(({ options }) => options.from)).toEqual([{ last: 5 }])
  })

  it('opens nothing for a watch that ended before the cache was read', async () => {
    const { channel, subscriptions } = stage(1)
    const list = new MessageList(channel)
    list.watch(() => undefined)()
    await settle()
    expect(subscriptions).toEqual([])
    expect(list.state).toBe(list.initial)
  })

  it('watched again, goes on after what it holds', async () => {
    const { channel, subscriptions } = stage(1)
    const list = new MessageList(channel)
    const stop = list.watch(() => undefined)
    await settle()
    subscriptions[0]?.handler([message(2)])
    stop()
    expect(subscriptions[0]?.isEnded).toBe(true)
    list.watch(() => undefined)
    expect(subscriptions[1]?.options.from).toBe(at(2))
  })

  it('drops the oldest, and a gap with the message before it', async () => {
    const { channel, subscriptions } = stage(1)
    const list = new MessageList(channel, { limit: 3 })
    let changes = 0
    list.watch(() => changes++)
    await settle()
    const { options, handler } = subscriptions[0] ?? {}
    options?.onGap?.(gap(2, 4))
    expect(list.state.gaps).toMatchObject([{ from: 2, to: 4, at: 1 }])
    handler?.([message(5), message(6)])
    options?.onGap?.(gap(7, 7))
    handler?.([message(8)])
    expect(data(list)).toEqual([5, 6, 8])
    expect(list.state.gaps).toMatchObject([
      { from: 2, at: 0 },
      { from: 7, at: 2 },
    ])
    list.resize(2)
    handler?.([message(9)])
    expect(data(list)).toEqual([8, 9])
    expect(list.state.gaps).toMatchObject([{ from: 7, at: 0 }])
    expect(changes).toBe(6)
  })
})
