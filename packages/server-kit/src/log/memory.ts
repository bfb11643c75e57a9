/**
 * The log in memory: nothing survives the process, and a reader that comes back after a restart is told `reset`,
 * since the log's id is a new one. Appends take effect at once, before their promise settles.
 */

import { type Clock, type Random, randomText, systemClock, systemRandom } from '@holdfast/core/ports'
import { formatTerm, type Position } from '@holdfast/core/protocol'
import { HubError } from '../errors.ts'
import { ChannelLog, emptyState, type LogContext } from './channel-log.ts'
import { Doorbells } from './doorbells.ts'
import { historyPage } from './history-page.ts'
import { cutLineage, emptyLineage, type LogMutant, newestCounter, startTerm } from './lineage.ts'
import type {
  AppendRequest,
  AppendResult,
  ChannelMeta,
  CreateRequest,
  Doorbell,
  HistoryRequest,
  HistoryResult,
  Log,
  ReadRequest,
  ReadResult,
} from './log.ts'
import { MemoryShelf } from './memory-shelf.ts'

export interface MemoryLogOptions {
  readonly clock?: Clock
  readonly random?: Random
}

/** What only the simulation sets. */
export interface MemoryLogInternals extends MemoryLogOptions {
  readonly mutants?: ReadonlySet<LogMutant>
}

const SECRET_BYTES = 32
/** Random digits of a log's id, as many as a term has. */
const ID_DIGITS = 13

/** A log in memory, for tests, development and channels that may end with the process. */
export function memoryLog(options: MemoryLogOptions = {}): Log {
  return new MemoryLog(options)
}

export class MemoryLog implements Log {
  readonly profile = 'memory'
  readonly #channels = new Map<string, ChannelLog>()
  readonly #bells = new Doorbells()
  readonly #clock: Clock
  readonly #random: Random
  readonly #mutants: ReadonlySet<LogMutant>
  #context: LogContext
  #secret: Uint8Array
  #isClosed = false
  /** The counter of the newest term of any channel that was forgotten. */
  #forgotten = 0

  constructor(internals: MemoryLogInternals = {}) {
    this.#clock = internals.clock ?? systemClock
    this.#random = internals.random ?? systemRandom
    this.#mutants = internals.mutants ?? new Set()
    this.#context = this.#newContext()
    this.#secret = this.#random.bytes(SECRET_BYTES)
  }

  get id(): string {
    return this.#context.id
  }

  get secret(): Uint8Array {
    return this.#secret
  }

  async open(): Promise<void> {
    this.#isClosed = false
  }

  append(channel: string, request: AppendRequest): Promise<AppendResult> {
    return this.#answer(() => this.#channel(channel).append(request))
  }

  read(channel: string, request: ReadRequest): Promise<ReadResult> {
    return this.#answer(() => {
      const reader = this.#reader(channel)
      const result = reader.read(request)
      // A claim on a channel that this log never wrote: its marker is the first entry.
      if (reader.state.top > 0) this.#channels.set(channel, reader)
      return result
    })
  }

  history(channel: string, request: HistoryRequest): Promise<HistoryResult> {
    return this.#answer(() => historyPage(this.#reader(channel), request))
  }

  head(channel: string): Promise<Position> {
    return this.#answer(() => this.#reader(channel).head)
  }

  create(channel: string, request: CreateRequest): Promise<'created' | 'exists' | 'channel_exists'> {
    return this.#answer(() => this.#channel(channel).create(request))
  }

  meta(channel: string): Promise<ChannelMeta | null> {
    return this.#answer(() => this.#channels.get(channel)?.state.meta ?? null)
  }

  delete(channel: string): Promise<boolean> {
    return this.#answer(() => this.#channels.get(channel)?.delete() ?? false)
  }

  fork(source: string, target: string): Promise<'created' | 'channel_exists' | 'channel_not_found'> {
    return this.#answer(() => {
      const from = this.#channels.get(source)
      if (!from?.state.meta) return 'channel_not_found'
      if (this.#channels.get(target)?.state.meta) return 'channel_exists'
      this.#channel(target).copyFrom(from)
      return 'created'
    })
  }

  sweep(): Promise<number> {
    return this.#answer(() => {
      let swept = 0
      for (const [name, channel] of this.#channels) {
        swept += channel.sweep()
        if (!channel.isForgotten) continue
        this.#channels.delete(name)
        this.#forgotten = Math.max(this.#forgotten, newestCounter(channel.state.lineage))
      }
      return swept
    })
  }

  subscribe(listener: (bell: Doorbell) => void): () => void {
    return this.#bells.subscribe(listener)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#bells.clear()
  }

  /**
   * For the simulation: loses the last `count` entries, as a failover does, of one channel or of each, with the ids
   * and the loss markers among them; a term starts. Answers how many entries went.
   */
  loseTail(count: number, channel?: string): number {
    let lost = 0
    for (const [name, { state, shelf }] of this.#channels) {
      if (channel !== undefined && channel !== name) continue
      const top = Math.max(state.base, state.top - count)
      lost += state.top - top
      state.lineage = startTerm(cutLineage(state.lineage, top), this.#random)
      state.top = top
      ;(shelf as MemoryShelf).lose(top)
    }
    return lost
  }

  /** For the simulation: loses the doorbells for which `isDropped` answers true; null rings them all again. */
  dropDoorbells(isDropped: ((bell: Doorbell) => boolean) | null): void {
    this.#bells.isDropped = isDropped
  }

  /**
   * For the simulation: what an engine with a file does at its start. `clean`: every entry is there and each channel
   * has a new term. Otherwise everything is gone, the log's id with it.
   */
  restart({ clean }: { readonly clean: boolean }): void {
    if (clean) {
      for (const { state } of this.#channels.values()) state.lineage = startTerm(state.lineage, this.#random)
      return
    }
    this.#channels.clear()
    this.#forgotten = 0
    this.#context = this.#newContext()
    this.#secret = this.#random.bytes(SECRET_BYTES)
  }

  #newContext(): LogContext {
    return {
      id: formatTerm(0, randomText(this.#random, ID_DIGITS)),
      random: this.#random,
      mutants: this.#mutants,
      now: () => this.#clock.now(),
      ring: (bell) => this.#bells.ring(bell),
    }
  }

  #channel(name: string): ChannelLog {
    const channel = this.#reader(name)
    this.#channels.set(name, channel)
    return channel
  }

  /** The channel to read: asking for one that was never written leaves nothing behind. */
  #reader(name: string): ChannelLog {
    return this.#channels.get(name) ?? this.#newChannel(name)
  }

  #newChannel(name: string): ChannelLog {
    const lineage = startTerm(emptyLineage(this.#forgotten), this.#random)
    return new ChannelLog(name, emptyState(lineage), new MemoryShelf(), this.#context)
  }

  #answer<T>(decide: () => T): Promise<T> {
    if (this.#isClosed)
      return Promise.reject(new HubError('log_unavailable', { message: 'The log is closed.' }))
    try {
      return Promise.resolve(decide())
    } catch (error) {
      return Promise.reject(error)
    }
  }
}
