/**
 * Frames that clients send. Every one is a command: it carries an `id`, unique within its session, and is answered
 * exactly once, by `ok` (or `welcome`) or by `error`. `client` names the client it is for, 0 where left out.
 */
import {
  array,
  type Fields,
  integer,
  literal,
  object,
  optional,
  record,
  type Schema,
  string,
  union,
  unknown,
} from './schema.ts'

/** Hard limits of the protocol; a hub may set lower ones and announces them in the welcome. */
export const MAX_CHANNEL_LENGTH = 200
export const MAX_MESSAGE_ID_LENGTH = 64
export const MAX_LIST = 1_000
/** A resume states its last position in each of at most this many terms. */
export const RESUME_TERMS = 4

/**
 * One to 200 UTF-16 units without control characters, line separators and lone surrogates: these have no UTF-8, in which
 * stores would take different names for the same one.
 */
export const CHANNEL_NAME: RegExp =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
  /^(?!.{201})(?:[^\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]|[\ud800-\udbff][\udc00-\udfff])+$/

/** Also of what is no text, which a pattern alone would take for one. */
export function isChannelName(name: unknown): name is string {
  return typeof name === 'string' && CHANNEL_NAME.test(name)
}

export const channelName: Schema<string> = string(1, MAX_CHANNEL_LENGTH, CHANNEL_NAME)
/** An offset, plain or signed. Its form is checked where it is used, for an answer of its own: `bad_cursor`. */
const offset: Schema<string> = string(1, 64)
/** One to 64 visible ASCII characters. */
export const MESSAGE_ID: RegExp = /^[\x21-\x7e]{1,64}$/
const messageId: Schema<string> = string(1, MAX_MESSAGE_ID_LENGTH, /^[\x21-\x7e]+$/)

/** The schema of a command: its type, what all of them have, and its own fields. */
/* @__NO_SIDE_EFFECTS__ */
function command(type: string, fields: Fields): Schema<never> {
  const common = { type: literal(type), id: integer(0), client: optional(integer(0, 1_000)) }
  return object({ ...common, ...fields }) as Schema<unknown> as Schema<never>
}

interface CommandFrame {
  /** Unique within its session; the answer carries it. */
  readonly id: number
  /** The client of the session that it is for; 0 where left out. */
  readonly client?: number
}

/** Attaches a client to the session, or renews its token. The first frame of a session attaches client 0. */
export interface AuthFrame extends CommandFrame {
  readonly type: 'auth'
  /** Names the client across its sessions: a random text of the client's own choice, secret to nobody. */
  readonly clientId: string
  readonly token?: string
  /** Names an installation that has no identity; a secret. The anonymous identity is derived from it. */
  readonly anonymousKey?: string
}

export const authFrame: Schema<AuthFrame> = command('auth', {
  clientId: string(1, 64, /^[A-Za-z0-9_-]+$/),
  token: optional(string(0, 16_384)),
  anonymousKey: optional(string(16, 64, /^[A-Za-z0-9_-]+$/)),
})

/** Takes a client off a session that carries several. */
export interface DetachFrame extends CommandFrame {
  readonly type: 'detach'
}

export const detachFrame: Schema<DetachFrame> = command('detach', {})

/**
 * Where a subscription begins: `now`; the earliest retained message; the last n; everything since a time in
 * milliseconds; or after an offset. For a resume `resume` is used instead.
 */
export type StartPoint =
  | 'now'
  | 'earliest'
  | { readonly last: number }
  | { readonly since: number }
  | { readonly after: string }

export const startPoint: Schema<StartPoint> = union(
  literal('now', 'earliest'),
  object({ last: integer(0, 10_000) }),
  object({ since: integer(0) }),
  object({ after: offset }),
)

export interface SubscribeItem {
  readonly channel: string
  /** `now` where neither this nor `resume` is given. */
  readonly from?: StartPoint
  /**
   * A resume: the last offset held in each of the last four terms, newest first, signed where the server signed
   * them. Empty: subscribed before, but nothing is known (an ephemeral channel).
   */
  readonly resume?: readonly string[]
  /** What the application sends along for whoever authorizes the subscription. */
  readonly params?: Readonly<Record<string, unknown>>
}

export const subscribeItem: Schema<SubscribeItem> = object({
  channel: channelName,
  from: optional(startPoint),
  resume: optional(array(offset, 0, RESUME_TERMS)),
  params: optional(record),
})

export interface SubscribeFrame extends CommandFrame {
  readonly type: 'subscribe'
  readonly channels: readonly SubscribeItem[]
}

export const subscribeFrame: Schema<SubscribeFrame> = command('subscribe', {
  channels: array(subscribeItem, 1, MAX_LIST),
})

export interface UnsubscribeFrame extends CommandFrame {
  readonly type: 'unsubscribe'
  readonly channels: readonly string[]
}

export const unsubscribeFrame: Schema<UnsubscribeFrame> = command('unsubscribe', {
  channels: array(channelName, 1, MAX_LIST),
})

export interface PublishMessage {
  readonly id: string
  /** `message` where left out. */
  readonly event?: string
  readonly data: unknown
  /** `data` is base64 text that stands for bytes. */
  readonly encoding?: 'base64'
  readonly meta?: Readonly<Record<string, unknown>>
}

export const publishMessage: Schema<PublishMessage> = object({
  id: messageId,
  event: optional(string(1, 200)),
  data: unknown,
  encoding: optional(literal('base64')),
  meta: optional(record),
})

/** Appends messages to a channel: all or none, consecutive. */
export interface PublishFrame extends CommandFrame {
  readonly type: 'publish'
  readonly channel: string
  readonly messages: readonly PublishMessage[]
  /** Append only while the channel's top is this offset; else `conflict`. */
  readonly ifTop?: string
  /** Milliseconds since the first attempt; left out on the first attempt. */
  readonly ageMs?: number
  /** Signed offsets of earlier acks, by which the log can notice that it lost them. */
  readonly claims?: readonly string[]
  /** A producer that numbers its sends, instead of the window of message ids. `seq` counts publishes from 0. */
  readonly producer?: { readonly id: string; readonly epoch: number; readonly seq: number }
}

export const publishFrame: Schema<PublishFrame> = command('publish', {
  channel: channelName,
  messages: array(publishMessage, 1, MAX_LIST),
  ifTop: optional(offset),
  ageMs: optional(integer(0)),
  claims: optional(array(offset, 0, RESUME_TERMS)),
  producer: optional(object({ id: messageId, epoch: integer(0), seq: integer(0) })),
})

/** Reads a page of a durable channel: after an offset upwards, or before one downwards; the newest without either. */
export interface HistoryFrame extends CommandFrame {
  readonly type: 'history'
  readonly channel: string
  readonly before?: string
  readonly after?: string
  /** Messages a page; 100 where left out. */
  readonly limit?: number
}

export const historyFrame: Schema<HistoryFrame> = command('history', {
  channel: channelName,
  before: optional(offset),
  after: optional(offset),
  limit: optional(integer(1, 1_000)),
})

/** Asks for a sign of life. */
export interface PingFrame extends CommandFrame {
  readonly type: 'ping'
}

export const pingFrame: Schema<PingFrame> = command('ping', {})

export type ClientFrame =
  | AuthFrame
  | DetachFrame
  | SubscribeFrame
  | UnsubscribeFrame
  | PublishFrame
  | HistoryFrame
  | PingFrame

/** Every frame of a client, by its type. */
export const CLIENT_FRAMES: {
  readonly [T in ClientFrame['type']]: Schema<Extract<ClientFrame, { type: T }>>
} = {
  auth: authFrame,
  detach: detachFrame,
  subscribe: subscribeFrame,
  unsubscribe: unsubscribeFrame,
  publish: publishFrame,
  history: historyFrame,
  ping: pingFrame,
}
