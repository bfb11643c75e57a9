/** What the application holds of a publish, and how it is tried again. */

import type { Command } from '../connection/connection.ts'
import { HoldfastError } from '../errors.ts'
import { dataOf, type OkFrame, type PublishMessage } from '../protocol/index.ts'
import type {
  Publish,
  PublishAction,
  PublishFailure,
  PublishInput,
  PublishOptions,
  PublishResult,
} from './publish.ts'
import { PublishError } from './publish-error.ts'

/** Messages to be stored once, however often that is tried. */
export interface Submission {
  readonly channel: string
  readonly messages: readonly PublishMessage[]
  readonly options: PublishOptions
  /** When a socket first had them, unless the server has said that it did not store them; else null. */
  firstSentAt: number | null
  /** The try that is under way or has succeeded: retries share it. */
  current: Publish | null
}

/** One try. Settles once; later calls do nothing. */
export class Attempt {
  readonly publish: Publish
  #isSettled = false
  #held: () => void = () => undefined
  #notHeld: (error: HoldfastError) => void = () => undefined
  #succeeded: (result: PublishResult) => void = () => undefined
  #failed: (error: HoldfastError) => void = () => undefined

  constructor(id: string, cancel: () => boolean) {
    const queued = new Promise<void>((resolve, reject) => {
      this.#held = resolve
      this.#notHeld = reject
    })
    // Who does not listen to `queued` hears the same from the promise itself.
    queued.catch(() => undefined)
    const result = new Promise<PublishResult>((resolve, reject) => {
      this.#succeeded = resolve
      this.#failed = reject
    })
    this.publish = Object.assign(result, { id, queued, cancel })
  }

  get isSettled(): boolean {
    return this.#isSettled
  }

  hold(): void {
    this.#held()
  }

  succeed(result: PublishResult): void {
    this.#isSettled = true
    this.#held()
    this.#succeeded(result)
  }

  fail(failure: PublishFailure): void {
    this.#isSettled = true
    const error = new PublishError(failure)
    this.#notHeld(error)
    this.#failed(error)
  }
}

/** A publish that failed before it began. */
export function failedPublish(id: string, failure: PublishFailure): Publish {
  const attempt = new Attempt(id, () => false)
  attempt.fail(failure)
  return attempt.publish
}

/** The command that sends it. From here on a socket may have had the messages. */
export function commandOf(submission: Submission, now: number): Command {
  const { channel, messages, options, firstSentAt } = submission
  submission.firstSentAt ??= now
  return {
    type: 'publish',
    channel,
    messages,
    ...(options.ifTop === undefined ? {} : { ifTop: options.ifTop }),
    ...(firstSentAt === null ? {} : { ageMs: Math.max(0, now - firstSentAt) }),
  }
}

export function idOf({ messages }: Submission): string {
  return (messages[0] as PublishMessage).id
}

export function resultOf(id: string, { at, time, duplicate }: OkFrame): PublishResult {
  return { id, offset: at ?? null, timestamp: time ?? 0, duplicate: duplicate ?? false }
}

/** What the messages were to the application. */
export function actionOf(channel: string, messages: readonly PublishMessage[]): PublishAction {
  return {
    channel,
    messages: messages.map((message): PublishInput => {
      const { id, event, meta } = message
      return {
        id,
        data: dataOf(message),
        ...(event === undefined ? {} : { event }),
        ...(meta ? { meta } : {}),
      }
    }),
  }
}

const UNKNOWN = new Set<HoldfastError['code']>(['network', 'timeout', 'idempotency_expired'])

/** Whether a server that answered so, or not at all, may have stored the messages. */
export function outcomeOf(error: HoldfastError): PublishFailure['outcome'] {
  return UNKNOWN.has(error.code) ? 'unknown' : 'rejected'
}

export function asHoldfastError(error: unknown): HoldfastError {
  return error instanceof HoldfastError ? error : new HoldfastError('internal', { cause: error })
}
