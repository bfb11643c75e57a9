/** How the load generator speaks to a target, and finds in its frames how many messages they hold. */

/** What a frame of the server is to a client that only counts. */
export const KIND = { other: 0, greeting: 1, ready: 2, subscribed: 3, messages: 4, failure: 5 } as const
export type Kind = (typeof KIND)[keyof typeof KIND]

/** The messages of one frame: `count` of them, consecutive from the offset `first`. Reused from frame to frame. */
export interface Run {
  channel: number
  first: number
  count: number
}

/** Digits that the publisher fills with a number of its own for each message. */
export const PLACEHOLDER = '##########'

export interface Dialect {
  readonly path: string
  readonly subprotocol: string | null
  /** The offset of a channel's first message. */
  readonly firstOffset: number
  /** Sent when the socket is open; null where the client waits for a greeting, or may subscribe at once. */
  readonly hello: (() => string) | null
  /** Whether the client may subscribe when the socket is open. */
  readonly isReadyAtOnce: boolean
  /** What to answer a greeting. */
  readonly reply: string | null
  kind(bytes: Buffer, start: number): Kind
  /** Commands that subscribe to the channels, each answered by a frame of the kind `subscribed`. */
  subscribe(channels: readonly number[]): readonly string[]
  /** A command that publishes the payload. */
  publish(channel: number): string
  /** Reads a frame of the kind `messages`. False where the counts in it contradict each other. */
  readRun(bytes: Buffer, start: number, length: number, run: Run): boolean
}

/** The number of `digits` decimal digits at `at`; NaN where something else stands there. */
export function readDigits(bytes: Buffer, at: number, digits: number): number {
  let value = 0
  for (let index = at; index < at + digits; index++) {
    const digit = (bytes[index] as number) - 0x30
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    value = value * 10 + digit
  }
  return value
}
