/** Frames that servers send: the answers to commands, and what happens on channels. */
import type { WireError } from './errors.ts'
import type { Item } from './message.ts'
import {
  array,
  boolean,
  integer,
  literal,
  nullable,
  object,
  optional,
  type Schema,
  string,
  unknown,
} from './schema.ts'

const TERM_PATTERN = /^[0-9a-z]{19}$/
const term = string(19, 19, TERM_PATTERN)
const offset = string(36, 64)
const name = string(1, 200)

/** Why messages are missing; see PROTOCOL.md, "Gaps". */
export const GAP_REASONS = [
  'retention',
  'reset',
  'lost-tail',
  'deleted',
  'not-kept',
  'storage-lost',
  'too-far',
  'source',
] as const
export type GapReason = (typeof GAP_REASONS)[number]

/**
 * Messages that this subscription will never get. `from` and `to` are the first and last missing seq, exact for
 * `retention` and `lost-tail`, else null where unknown; `term` is the lineage they count in. `resumeAt` is the
 * position that the client adopts, also backwards; null on ephemeral channels.
 */
export interface WireGap {
  readonly reason: GapReason
  readonly term: string | null
  readonly from: number | null
  readonly to: number | null
  readonly resumeAt: string | null
}

export const wireGap: Schema<WireGap> = object({
  reason: literal(...GAP_REASONS),
  term: nullable(term),
  from: nullable(integer(0)),
  to: nullable(integer(0)),
  resumeAt: nullable(offset),
})

/** An unknown `code`, from a newer server, is kept as it is; its class and retryWhen say what to do. */
export const errorBody: Schema<WireError> = object({
  code: string(1, 64),
  class: string(1, 32),
  retryWhen: literal('never', 'now', 'backoff', 'after-refresh'),
  message: string(0, 1_000),
  hint: string(0, 1_000),
  retryAfterMs: optional(integer(0)),
  top: optional(offset),
  path: optional(string(0, 1_000)),
}) as unknown as Schema<WireError>

/** The answer to `auth`: who the client is, and the terms of the session. */
export interface WelcomeFrame {
  readonly type: 'welcome'
  readonly id: number
  readonly client?: number
  /** Names the session; for logs. */
  readonly session: string
  /** Names the hub process; another value means another process. */
  readonly node: string
  /** Scopes the client's caches: one app's channels are not another's. */
  readonly app: string
  readonly identity: { readonly id: string; readonly isAnonymous: boolean }
  /** The server's clock, milliseconds since 1970. */
  readonly time: number
  /** The server sends something at least this often. */
  readonly heartbeatMs: number
  /** Milliseconds until the token expires; left out where it does not. */
  readonly expiresInMs?: number
  /** How long a message id is remembered, from the first attempt. */
  readonly idempotencyMs: number
  readonly limits: {
    readonly frameBytes: number
    readonly messageBytes: number
    readonly batchMessages: number
    readonly channels: number
    /** Commands without an answer yet. */
    readonly commands: number
  }
  /** Optional parts of the protocol that this server speaks. */
  readonly features: readonly string[]
}

export const welcomeFrame: Schema<WelcomeFrame> = object({
  type: literal('welcome'),
  id: integer(0),
  client: optional(integer(0)),
  session: name,
  node: name,
  app: name,
  identity: object({ id: name, isAnonymous: boolean }),
  time: integer(0),
  heartbeatMs: integer(1),
  expiresInMs: optional(integer(0)),
  idempotencyMs: integer(0),
  limits: object({
    frameBytes: integer(1),
    messageBytes: integer(1),
    batchMessages: integer(1),
    channels: integer(1),
    commands: integer(1),
  }),
  features: array(name, 0, 100),
})

/** Per channel of a `subscribe`, in its order. */
export interface SubscribedItem {
  readonly channel: string
  readonly error?: WireError
  /**
   * The signed position that the subscription continues after; null on an ephemeral channel. A `gap` comes before it:
   * its `resumeAt` is this position.
   */
  readonly position?: string | null
  /** Whether everything since the resume's position follows. Always true for a first subscription. */
  readonly recovered?: boolean
  readonly gap?: WireGap
}

export const subscribedItem: Schema<SubscribedItem> = object({
  channel: name,
  error: optional(errorBody),
  position: optional(nullable(offset)),
  recovered: optional(boolean),
  gap: optional(wireGap),
})

/** A run of consecutive items of one term. Also the form of a `messages` frame. */
export interface Run {
  readonly term: string
  readonly seq: number
  readonly items: readonly Item[]
}

/** Items are checked by the codec; the schema only sees that there is a list. */
const items = array(unknown, 0, 100_000) as Schema<readonly Item[]>

export const run: Schema<Run> = object({ term, seq: integer(1), items })

/** The answer to a command. Which fields there are follows from the command. */
export interface OkFrame {
  readonly type: 'ok'
  readonly id: number
  readonly client?: number
  /** To `subscribe`. */
  readonly channels?: readonly SubscribedItem[]
  /** To `publish`: the term and the seq of the first message; both absent on an ephemeral channel. */
  readonly term?: string
  readonly seq?: number
  /** To `publish`: the signed position of the last message, to be claimed; null on an ephemeral channel. */
  readonly at?: string | null
  /** To `publish`: the time given to the messages. */
  readonly time?: number
  /** To `publish`: whether an earlier attempt had stored it. */
  readonly duplicate?: boolean
  /** To `history`: the page, oldest first. */
  readonly runs?: readonly Run[]
  /** To `history`: whether there is more in the direction that was asked for. */
  readonly hasMore?: boolean
  /** To `history`: messages that were asked for and are gone, before the page. */
  readonly gap?: WireGap
}

export const okFrame: Schema<OkFrame> = object({
  type: literal('ok'),
  id: integer(0),
  client: optional(integer(0)),
  channels: optional(array(subscribedItem, 0, 1_000)),
  term: optional(term),
  seq: optional(integer(1)),
  at: optional(nullable(offset)),
  time: optional(integer(0)),
  duplicate: optional(boolean),
  runs: optional(array(run, 0, 1_000)),
  hasMore: optional(boolean),
  gap: optional(wireGap),
})

export interface ErrorFrame {
  readonly type: 'error'
  /** The command; absent where the session as a whole is meant, and then a close follows. */
  readonly id?: number
  readonly client?: number
  readonly error: WireError
}

export const errorFrame: Schema<ErrorFrame> = object({
  type: literal('error'),
  id: optional(integer(0)),
  client: optional(integer(0)),
  error: errorBody,
})

/**
 * Items of one channel: consecutive, the first at `seq`. Byte-identical for all subscribers of a channel unless it is
 * a replay. A client drops what it has. On an ephemeral channel there is no term, seq or `at`.
 */
export interface MessagesFrame {
  readonly type: 'messages'
  readonly channel: string
  readonly client?: number
  /** Read from the log for this subscription, not sent as it was published. */
  readonly replay?: boolean
  readonly term?: string
  readonly seq?: number
  readonly items: readonly Item[]
  /** The signed position after the last item. */
  readonly at?: string
}

export const messagesFrame: Schema<MessagesFrame> = object({
  type: literal('messages'),
  channel: name,
  client: optional(integer(0)),
  replay: optional(boolean),
  term: optional(term),
  seq: optional(integer(1)),
  items,
  at: optional(offset),
})

/** Messages were missed: told in order, between the frames before and after them. */
export interface GapFrame {
  readonly type: 'gap'
  readonly channel: string
  readonly client?: number
  readonly gap: WireGap
}

export const gapFrame: Schema<GapFrame> = object({
  type: literal('gap'),
  channel: name,
  client: optional(integer(0)),
  gap: wireGap,
})

/** The server ended a subscription. */
export interface UnsubscribedFrame {
  readonly type: 'unsubscribed'
  readonly channel: string
  readonly client?: number
  readonly error: WireError
}

export const unsubscribedFrame: Schema<UnsubscribedFrame> = object({
  type: literal('unsubscribed'),
  channel: name,
  client: optional(integer(0)),
  error: errorBody,
})

/** A sign of life, sent when nothing else was. */
export interface HeartbeatFrame {
  readonly type: 'heartbeat'
}

export const heartbeatFrame: Schema<HeartbeatFrame> = object({ type: literal('heartbeat') })

export type ServerFrame =
  | WelcomeFrame
  | OkFrame
  | ErrorFrame
  | MessagesFrame
  | GapFrame
  | UnsubscribedFrame
  | HeartbeatFrame

/** Every frame of a server, by its type. */
export const SERVER_FRAMES: {
  readonly [T in ServerFrame['type']]: Schema<Extract<ServerFrame, { type: T }>>
} = {
  welcome: welcomeFrame,
  ok: okFrame,
  error: errorFrame,
  messages: messagesFrame,
  gap: gapFrame,
  unsubscribed: unsubscribedFrame,
  heartbeat: heartbeatFrame,
}
