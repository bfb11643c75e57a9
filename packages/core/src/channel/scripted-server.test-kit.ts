/** For the tests of this folder: a registry over a scripted server with one log, and everything that crossed the wire. */
import type { Command } from '../connection/connection.ts'
import { HoldfastError } from '../errors.ts'
import {
  formatOffset,
  formatTerm,
  type Item,
  type MessagesFrame,
  type OkFrame,
  parseOffset,
  type SubscribedItem,
} from '../protocol/index.ts'
import type { CachedChannel } from '../stores/store.ts'
import { createVirtualClock, type VirtualClock } from '../testing/virtual-clock.ts'
import { fetchHistory } from './history.ts'
import { ChannelRegistry } from './registry.ts'

export const TERM: string = formatTerm(1, 'a'.repeat(13))
export const at = (seq: number): string => formatOffset({ term: TERM, seq })

export interface ScriptedServer {
  readonly clock: VirtualClock
  readonly registry: ChannelRegistry
  /** Commands as they went out, in short: `subscribe a b`, `unsubscribe a`, `history`. */
  readonly wire: string[]
  /** Appends messages with these data to a channel and sends them to it if it is subscribed. */
  append(channel: string, ...data: unknown[]): void
  /** What the next subscribe of a channel is answered with, instead of a position. */
  refuse(channel: string, error: HoldfastError): void
  /** How the next unsubscribe fails; without an answer nobody knows whether it took effect. */
  failUnsubscribe(error: HoldfastError): void
  /** Whether the server has a subscription. */
  isSubscribed(channel: string): boolean
  /** Loses the session, or brings one. */
  setUp(isUp: boolean): void
  /** What the store holds of each channel. */
  readonly stored: Map<string, CachedChannel>
  /** Lets everything that waits for nothing but promises happen. */
  settle(): Promise<void>
}

export function scriptedServer(): ScriptedServer {
  const clock = createVirtualClock()
  const wire: string[] = []
  const logs = new Map<string, Item[]>()
  const subscribed = new Set<string>()
  const refusals = new Map<string, HoldfastError>()
  const stored = new Map<string, CachedChannel>()
  /** Follow the answer of the subscribe that they belong to. */
  const replays: MessagesFrame[] = []
  let unsubscribeFails: HoldfastError | null = null
  let isUp = true
  let messages = 0
  const logOf = (channel: string): Item[] => logs.get(channel) ?? logs.set(channel, []).get(channel) ?? []
  const run = (channel: string, after: number, limit = 1_000) => {
    const items = logOf(channel).slice(after, after + limit)
    return items.length === 0 ? [] : [{ term: TERM, seq: after + 1, items }]
  }

  const positionFor = (channel: string, from: unknown, resume?: readonly string[]): number => {
    if (resume?.[0] !== undefined) return parseOffset(resume[0])?.seq ?? 0
    if (from === 'earliest') return 0
    if (typeof from === 'object' && from !== null && 'after' in from)
      return parseOffset(String(from.after))?.seq ?? 0
    return logOf(channel).length
  }

  const answer = (command: Command): Partial<OkFrame> => {
    if (command.type === 'subscribe') {
      wire.push(`subscribe ${command.channels.map(({ channel }) => channel).join(' ')}`)
      const channels = command.channels.map(({ channel, from, resume }): SubscribedItem => {
        const refusal = refusals.get(channel)
        refusals.delete(channel)
        if (refusal) {
          const { code, retryWhen, message, hint } = refusal
          return { channel, error: { code, class: refusal.class, retryWhen, message, hint } }
        }
        subscribed.add(channel)
        const seq = positionFor(channel, from, resume)
        replays.push(
          ...run(channel, seq).map((replay) => ({
            type: 'messages' as const,
            channel,
            replay: true,
            ...replay,
          })),
        )
        return { channel, position: at(seq), recovered: true }
      })
      return { channels }
    }
    if (command.type === 'unsubscribe') {
      wire.push(`unsubscribe ${command.channels.join(' ')}`)
      for (const channel of command.channels) subscribed.delete(channel)
      const error = unsubscribeFails
      unsubscribeFails = null
      if (error) throw error
      return {}
    }
    if (command.type !== 'history') throw new Error(`unexpected ${command.type}`)
    wire.push('history')
    const { channel, after, before, limit = 100 } = command
    const length = logOf(channel).length
    if (after !== undefined) {
      const start = parseOffset(after)?.seq ?? 0
      return { runs: run(channel, start, limit), hasMore: start + limit < length }
    }
    const end = before === undefined ? length : (parseOffset(before)?.seq ?? 1) - 1
    const start = Math.max(0, end - limit)
    return { runs: run(channel, start, end - start), hasMore: start > 0 }
  }

  const connection = {
    async request(command: Command, handle?: (frame: OkFrame) => void): Promise<OkFrame> {
      if (!isUp) throw new HoldfastError('disconnected')
      const frame: OkFrame = { type: 'ok', id: 1, ...answer(command) }
      await Promise.resolve()
      if (!isUp) throw new HoldfastError('network')
      handle?.(frame)
      for (const replay of replays.splice(0)) registry.frame(replay)
      return frame
    },
  }
  const registry = new ChannelRegistry(connection, {
    clock,
    lingerMs: 2_500,
    mutants: new Set(),
    get isUp() {
      return isUp
    },
    connect: () => undefined,
    publish: () => {
      throw new Error('no outbox here')
    },
    history: (channel, options) => fetchHistory(connection, channel, options),
    restore: async (channel) => stored.get(channel) ?? null,
    peek: async (channel) => stored.get(channel) ?? null,
    commit: (channel, record, added) => {
      const before = stored.get(channel)?.messages ?? []
      stored.set(channel, { record, messages: [...before, ...added] })
    },
    report: () => undefined,
  })

  return {
    clock,
    registry,
    wire,
    stored,
    append(channel, ...data) {
      const log = logOf(channel)
      const seq = log.length + 1
      const items = data.map((value): Item => ({ id: `m${++messages}`, time: clock.now(), data: value }))
      log.push(...items)
      if (isUp && subscribed.has(channel))
        registry.frame({ type: 'messages', channel, term: TERM, seq, items, at: at(log.length) })
    },
    isSubscribed: (channel) => subscribed.has(channel),
    failUnsubscribe: (error) => {
      unsubscribeFails = error
    },
    refuse: (channel, error) => void refusals.set(channel, error),
    setUp(next) {
      isUp = next
      subscribed.clear()
      registry.sessionChanged(next)
    },
    settle: () => clock.advance(0),
  }
}
