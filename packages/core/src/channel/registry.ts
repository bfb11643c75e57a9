/** All channels of a client, and the commands that keep their subscriptions. */
import type { Connection } from '../connection/connection.ts'
import { HoldfastError } from '../errors.ts'
import type { ServerFrame, SubscribedItem } from '../protocol/index.ts'
import { Channel } from './channel.ts'
import type { ChannelContext } from './context.ts'

/** Channels a command: with long names and four offsets each they fit a frame of 64 kB. */
const LIST = 64

/** The parts of a channel's context that the registry itself provides. */
export type RegistryContext = Omit<ChannelContext, 'subscribe' | 'unsubscribe'>

export class ChannelRegistry {
  readonly #channels = new Map<string, Channel>()
  readonly #connection: Pick<Connection, 'request'>
  readonly #context: ChannelContext
  #toSubscribe = new Set<Channel>()
  #toUnsubscribe = new Set<Channel>()
  #isFlushing = false

  constructor(connection: Pick<Connection, 'request'>, context: RegistryContext) {
    this.#connection = connection
    this.#context = Object.assign(context, {
      subscribe: (channel: Channel) => this.#queue(this.#toSubscribe, channel),
      unsubscribe: (channel: Channel) => this.#queue(this.#toUnsubscribe, channel),
    })
  }

  /** The channel of a name: always the same object. */
  channel(name: string): Channel {
    const existing = this.#channels.get(name)
    if (existing) return existing
    const channel = new Channel(name, this.#context)
    this.#channels.set(name, channel)
    return channel
  }

  get channels(): Iterable<Channel> {
    return this.#channels.values()
  }

  /** A session has come, or the one there was has gone: every channel starts over on the wire. */
  sessionChanged(isUp: boolean): void {
    this.#toSubscribe.clear()
    this.#toUnsubscribe.clear()
    for (const channel of this.#channels.values()) channel.sessionChanged(isUp)
  }

  /** Takes a frame that answers no command. */
  frame(frame: ServerFrame): void {
    if (frame.type === 'messages' || frame.type === 'gap') this.#channels.get(frame.channel)?.frame(frame)
    else if (frame.type === 'unsubscribed')
      this.#channels.get(frame.channel)?.failed(HoldfastError.fromWire(frame.error))
  }

  /** Commands of one step go out together. */
  #queue(set: Set<Channel>, channel: Channel): void {
    set.add(channel)
    if (this.#isFlushing) return
    this.#isFlushing = true
    queueMicrotask(() => {
      this.#isFlushing = false
      this.#flush()
    })
  }

  #flush(): void {
    const leaving = [...this.#toUnsubscribe]
    const joining = [...this.#toSubscribe]
    this.#toUnsubscribe.clear()
    this.#toSubscribe.clear()
    for (const some of inLists(leaving)) this.#unsubscribe(some)
    for (const some of inLists(joining)) this.#subscribe(some)
  }

  #subscribe(channels: readonly Channel[]): void {
    const take = (answers: readonly SubscribedItem[]): void => {
      for (const [at, channel] of channels.entries()) {
        const answer = answers[at]
        if (answer?.channel === channel.name) channel.subscribed(answer)
        else channel.failed(new HoldfastError('bad_frame'))
      }
    }
    this.#connection
      .request(
        { type: 'subscribe', channels: channels.map(({ request }) => request) },
        ({ channels: answers }) => take(answers ?? []),
      )
      .catch((error: HoldfastError) => {
        for (const channel of channels) channel.failed(error)
      })
  }

  #unsubscribe(channels: readonly Channel[]): void {
    const done = (): void => {
      for (const channel of channels) channel.unsubscribed()
    }
    // A refusal or a timeout leaves nothing to be done: the next subscribe replaces what is there. A session takes it along.
    this.#connection
      .request({ type: 'unsubscribe', channels: channels.map(({ name }) => name) }, done)
      .catch((error: HoldfastError) => {
        if (error.code !== 'network' && error.code !== 'disconnected') done()
      })
  }
}

function inLists<T>(items: readonly T[]): T[][] {
  const lists: T[][] = []
  for (let at = 0; at < items.length; at += LIST) lists.push(items.slice(at, at + LIST))
  return lists
}
