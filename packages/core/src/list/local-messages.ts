/**
 * What this client has published and what has not come back yet: shown at once, in the place that it will most likely
 * have, until the log's own message takes it over. The two share their id and their sender, which the server sets, so
 * that nobody else's message under the same id is taken for it.
 */

import type { Message } from '../channel/message.ts'
import type { HoldfastError } from '../errors.ts'
import type { OutboxItem } from '../outbox/entry.ts'
import type { Publish, PublishFailure } from '../outbox/publish.ts'
import {
  DEFAULT_EVENT,
  dataOf,
  isAtOrBefore,
  type Position,
  type PublishMessage,
  parseOffset,
} from '../protocol/index.ts'

/** What only this client knows of a message that it has published. */
export interface LocalState {
  /** `confirmed`: the server has it, and it is on its way back. */
  readonly state: 'pending' | 'confirmed' | 'failed'
  /** Why it failed; null otherwise. */
  readonly error: HoldfastError | null
  /** Tries it again under the same id; null unless it failed. */
  readonly retry: (() => Publish) | null
  /**
   * Takes it out of the list, and the other messages of its batch: what waits is not sent, what failed is forgotten, and
   * only comes back if it was stored all the same. False where it stays: a server may have it.
   */
  readonly discard: () => boolean
}

/** A message of a list. */
export type ListedMessage<M extends Message = Message> = M & {
  /** There until the log's own message has come; then the message is everybody's. */
  readonly local?: LocalState
}

interface Row {
  readonly publish: Publish
  message: ListedMessage
  /** The log's own has come, and the outbox has not let go of it: it is not shown, and not taken up again. */
  isBack: boolean
  /** Where the log has it; undefined before it says so. */
  offset?: string | null
}

export interface LocalMessagesSettings {
  readonly channel: string
  /** Only messages of this event; of all where undefined. */
  readonly event: string | undefined
  /** Who this is; null before that is known. */
  readonly sender: () => string | null
  /** Whether the list has it from the log. */
  readonly hasOwn: (message: Message) => boolean
  /** Called after each change that nobody outside has made. */
  readonly changed: () => void
}

export class LocalMessages {
  readonly #settings: LocalMessagesSettings
  readonly #rows = new Map<string, Row>()
  /** Where the list has come to. */
  #reached: Position | null = null

  constructor(settings: LocalMessagesSettings) {
    this.#settings = settings
  }

  /** In the order in which they were published. */
  get messages(): readonly ListedMessage[] {
    return [...this.#rows.values()].filter(({ isBack }) => !isBack).map(({ message }) => message)
  }

  clear(): void {
    this.#rows.clear()
    this.#reached = null
  }

  /** Takes up what waits in the outbox, in its order. */
  take(items: readonly OutboxItem[]): void {
    const { channel, event } = this.#settings
    const waiting: Row[] = []
    for (const item of items) {
      if (item.channel !== channel) continue
      const added: Row[] = []
      for (const message of item.messages) {
        if (event !== undefined && event !== (message.event ?? DEFAULT_EVENT)) continue
        const known = this.#rows.get(message.id)
        const row = known?.publish === item.publish ? known : this.#rowOf(item, message)
        if (row !== known) added.push(row)
        waiting.push(row)
      }
      if (added.length > 0) this.#follow(item.publish, added)
    }
    this.#order(waiting)
  }

  /** It is known who this is, and so what of the list is theirs. */
  identified(): void {
    const sender = this.#settings.sender()
    for (const row of this.#rows.values()) {
      if (row.message.sender === sender) continue
      row.message = { ...row.message, sender }
      if (this.#settings.hasOwn(row.message)) this.#cameBack(row)
    }
  }

  /** The list has come to a place: what the log has at or before it has come back, or never will. */
  reached(offset: string | null, messages: readonly Message[] = []): void {
    const sender = this.#settings.sender()
    for (const { id, sender: of } of messages) {
      const row = this.#rows.get(id)
      if (row && of !== null && of === sender) this.#cameBack(row)
    }
    this.#reached = (offset !== null && parseOffset(offset)) || this.#reached
    for (const [id, { offset: own }] of this.#rows) {
      // An ephemeral channel has no places, but an order: what it has confirmed comes before what follows, or never.
      const isPassed = own === null ? offset === null : own !== undefined && this.#isBehind(own)
      if (isPassed) this.#rows.delete(id)
    }
  }

  #rowOf({ channel, createdAt, publish }: OutboxItem, published: PublishMessage): Row {
    const { id, event = DEFAULT_EVENT, meta = null } = published
    const message: Message = {
      id,
      offset: null,
      channel,
      event,
      data: dataOf(published),
      timestamp: createdAt,
      sender: this.#settings.sender(),
      meta,
      source: 'local',
    }
    const row: Row = { publish, message, isBack: this.#settings.hasOwn(message) }
    this.#tell(row, {})
    return row
  }

  /** What an earlier page has left may turn up after what is sent after it. */
  #order(waiting: readonly Row[]): void {
    const all = new Set(waiting)
    const held = [...this.#rows.values()].filter((row) => all.has(row))
    const moved = waiting.findIndex((row, at) => row !== held[at])
    if (moved < 0) return
    for (const row of waiting.slice(moved)) {
      this.#rows.delete(row.message.id)
      this.#rows.set(row.message.id, row)
    }
  }

  #tell(row: Row, local: Partial<LocalState>): void {
    const discard = (): boolean => this.#discard(row.message.id)
    row.message = { ...row.message, local: { state: 'pending', error: null, retry: null, discard, ...local } }
  }

  /** Tells what becomes of the messages of one publish. */
  #follow(publish: Publish, rows: readonly Row[]): void {
    const settle = (isOver: (row: Row) => boolean): void => {
      const current = rows.filter((row) => this.#rows.get(row.message.id) === row)
      for (const row of current) if (row.isBack || isOver(row)) this.#rows.delete(row.message.id)
      if (current.some(({ isBack }) => !isBack)) this.#settings.changed()
    }
    publish.then(
      ({ offset }) =>
        settle((row) => {
          row.offset = offset
          this.#tell(row, { state: 'confirmed' })
          return offset !== null && this.#isBehind(offset)
        }),
      ({ error, retry }: PublishFailure) =>
        settle((row) => {
          this.#tell(row, { state: 'failed', error, retry })
          return error.code === 'cancelled'
        }),
    )
  }

  #cameBack(row: Row): void {
    row.isBack = row.message.local?.state === 'pending'
    if (!row.isBack) this.#rows.delete(row.message.id)
  }

  /** A batch is sent as a whole or not at all. */
  #discard(id: string): boolean {
    const row = this.#rows.get(id)
    const isOver = row && (row.message.local?.state === 'failed' || row.publish.cancel())
    if (!isOver) return false
    for (const [other, { publish }] of this.#rows) if (publish === row.publish) this.#rows.delete(other)
    this.#settings.changed()
    return true
  }

  #isBehind(offset: string): boolean {
    const position = parseOffset(offset)
    const reached = this.#reached
    return position !== null && reached !== null && isAtOrBefore(position, reached)
  }
}
