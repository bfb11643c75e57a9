/** What an application published, from its first try until it is settled. */
import type { Command } from '../connection/connection.ts'
import type { Timer } from '../ports/index.ts'
import { dataOf, type PublishMessage } from '../protocol/index.ts'
import type { OutboxRow } from '../stores/store.ts'
import type { Attempt } from './attempt.ts'
import type { Publish, PublishAction, PublishInput, PublishOptions } from './publish.ts'

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
  /** Its promise, and the handle to take it back. */
  readonly publish: Publish
}

type Writeable<T> = { -readonly [K in keyof T]: T[K] }

/** Messages to be stored once, however often that is tried. */
export interface Entry
  extends Pick<OutboxRow, 'id' | 'channel' | 'ifTop'>,
    Writeable<Pick<OutboxRow, 'order' | 'createdAt' | 'expiresAt'>> {
  readonly messages: readonly PublishMessage[]
  /** When a socket first had them, but for attempts after which the server said that it had stored nothing; else null. */
  firstAttemptAt: number | null
  readonly options: Pick<PublishOptions, 'volatile' | 'ttlMs'>
  /** The try that is under way or has succeeded: retries share it. Null after a failure. */
  attempt: Attempt | null
  /** `writing`: not yet durable. `sending`: a socket has it. */
  state: 'writing' | OutboxItem['state']
  /** Whether its row says that a socket may have had it. */
  isMarked: boolean
  /** Answers in a row that asked for patience. */
  failures: number
  expiry: Timer | null
  readonly cancel: () => boolean
}

export function itemOf({ id, channel, messages, state, createdAt, attempt }: Entry): OutboxItem {
  const { publish } = attempt as Attempt
  return { id, channel, messages, state: state === 'sending' ? state : 'waiting', createdAt, publish }
}

/** Clocks are corrected by less all the time. */
const SET_BACK_MS = 60_000

/** The command that sends it. From here on a socket may have had the messages. */
export function commandOf(entry: Entry, now: number, claims: readonly string[]): Command {
  const { channel, messages, ifTop, firstAttemptAt } = entry
  entry.firstAttemptAt ??= now
  return {
    type: 'publish',
    channel,
    messages,
    ...(ifTop !== undefined && { ifTop }),
    ...(firstAttemptAt !== null && { ageMs: ageOf(firstAttemptAt, now) }),
    ...(claims.length > 0 && { claims }),
  }
}

/** A clock that was set back says nothing of an age: the server must not take the messages for new ones. */
function ageOf(firstAttemptAt: number, now: number): number {
  const age = Math.floor(now - firstAttemptAt)
  return age < -SET_BACK_MS ? Number.MAX_SAFE_INTEGER : Math.max(0, age)
}

/** What the messages were to the application. */
export function actionOf({ channel, messages }: Entry): PublishAction {
  return {
    channel,
    messages: messages.map((message): PublishInput => {
      const { encoding, ...input } = message
      return { ...input, data: dataOf(message) }
    }),
  }
}
