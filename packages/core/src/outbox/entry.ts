/** A row of the outbox while a client has it. */
import type { Timer } from '../ports/index.ts'
import type { PublishMessage } from '../protocol/index.ts'
import type { OutboxRow } from '../stores/store.ts'
import type { Attempt, Submission } from './attempt.ts'

/** A publish that is not settled, for whoever shows it. */
export interface OutboxItem {
  /** The first message's id. */
  readonly id: string
  readonly channel: string
  /** As they travel: bytes as base64. */
  readonly messages: readonly PublishMessage[]
  /** `sending`: a socket has it, and the answer is awaited. */
  readonly state: 'waiting' | 'sending'
  /** Milliseconds since 1970. */
  readonly createdAt: number
  /** Takes it back if no socket had it yet, and says whether it could. */
  cancel(): boolean
}

export interface Entry {
  row: OutboxRow
  /** Null where the page that published it is gone. */
  attempt: Attempt | null
  readonly submission: Submission
  /** `writing`: not yet durable. `sending`: a socket has it. */
  state: 'writing' | 'waiting' | 'sending'
  isSettled: boolean
  /** Answers in a row that asked for patience. */
  failures: number
  expiry: Timer | null
  item: OutboxItem
}

export function itemOf({ row, state }: Pick<Entry, 'row' | 'state'>, cancel: () => boolean): OutboxItem {
  return {
    id: row.id,
    channel: row.channel,
    messages: row.messages as readonly PublishMessage[],
    state: state === 'sending' ? state : 'waiting',
    createdAt: row.createdAt,
    cancel,
  }
}

/** What a row of a page that is gone was to publish. */
export function submissionOf({ channel, messages, ifTop, firstAttemptAt }: OutboxRow): Submission {
  return {
    channel,
    messages: messages as readonly PublishMessage[],
    options: ifTop === undefined ? {} : { ifTop },
    firstSentAt: firstAttemptAt,
    current: null,
  }
}
