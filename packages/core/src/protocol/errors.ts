/**
 * The error codes of `holdfast.v1`, with what each means for whoever gets it. PROTOCOL.md carries the same table;
 * a test compares the two.
 */

/** Who has to act: the caller's input, its credentials, a limit, a competing write, the server, the network, the client itself. */
export type ErrorClass = 'input' | 'auth' | 'limit' | 'conflict' | 'server' | 'network' | 'client' | 'config'

/** When the same request may succeed: never, at once, after a backoff (or `retryAfterMs`), after a token refresh. */
export type RetryWhen = 'never' | 'now' | 'backoff' | 'after-refresh'

/** What a code says by itself. */
export interface ErrorRule {
  readonly class: ErrorClass
  readonly retryWhen: RetryWhen
  /** One sentence that says what to do. */
  readonly hint: string
}

/** Every code that crosses the wire or reaches an application. */
export type ErrorCode =
  | 'bad_frame'
  | 'bad_channel'
  | 'bad_message'
  | 'bad_cursor'
  | 'bad_config'
  | 'contract_violation'
  | 'message_too_large'
  | 'frame_too_large'
  | 'batch_too_large'
  | 'too_many_channels'
  | 'too_many_clients'
  | 'too_many_commands'
  | 'rate_limited'
  | 'unauthenticated'
  | 'token_expired'
  | 'auth_timeout'
  | 'origin_denied'
  | 'forbidden'
  | 'unknown_channel'
  | 'revoked'
  | 'unsupported_version'
  | 'replaced'
  | 'not_subscribed'
  | 'not_durable'
  | 'idempotency_conflict'
  | 'idempotency_expired'
  | 'conflict'
  | 'producer_fenced'
  | 'producer_gap'
  | 'channel_closed'
  | 'channel_exists'
  | 'channel_not_found'
  | 'poison'
  | 'log_unavailable'
  | 'log_busy'
  | 'log_incompatible'
  | 'draining'
  | 'slow_consumer'
  | 'internal'
  | 'network'
  | 'timeout'
  | 'disconnected'
  | 'denied'
  | 'cancelled'
  | 'expired'
  | 'outbox_full'
  | 'storage_failed'

/**
 * The codes by class and retryWhen, which stand before them. These are the ones that a client raises itself and that are
 * not as an unknown code would be; of all others it learns from the frames that carry them, so that it ships neither those
 * nor the hints.
 */
const CLIENT_RULES: readonly string[] = [
  'input never bad_frame bad_channel bad_message bad_cursor unsupported_version',
  'config never bad_config',
  'limit never message_too_large frame_too_large batch_too_large',
  'limit backoff rate_limited outbox_full',
  'auth after-refresh unauthenticated',
  'auth now auth_timeout',
  'auth never forbidden denied',
  'client never replaced cancelled expired',
  'conflict never idempotency_conflict',
  'server never poison',
  'network backoff network timeout disconnected',
  'client backoff storage_failed',
]

const SERVER_RULES: readonly string[] = [
  'server backoff internal log_unavailable draining',
  'input never contract_violation not_subscribed not_durable channel_not_found',
  'config never log_busy log_incompatible',
  'limit never too_many_channels too_many_clients',
  'limit backoff too_many_commands',
  'auth after-refresh token_expired',
  'auth never origin_denied unknown_channel revoked',
  'conflict never idempotency_expired conflict producer_fenced producer_gap channel_closed channel_exists',
  'server backoff slow_consumer',
]

/** Class and retryWhen of a code by the rules given; those of `internal` where they do not know it. */
export function kindOf(
  code: string,
  rules: readonly string[] = CLIENT_RULES,
): Pick<ErrorRule, 'class' | 'retryWhen'> {
  const words = rules.map((rule) => rule.split(' '))
  const [errorClass = 'server', retryWhen = 'backoff'] =
    words.find((each) => each.slice(2).includes(code)) ?? []
  return { class: errorClass as ErrorClass, retryWhen: retryWhen as RetryWhen }
}

/** Hints of what a client raises without a text of its own, and people may be shown. */
const CLIENT_HINTS = {
  bad_channel: 'A channel name has 1 to 200 characters, no control characters and no lone surrogates.',
  network: 'The connection was lost before an answer came.',
  timeout: 'No answer came in time; it may have taken effect.',
  disconnected: 'Call connect(), or create the client with an outbox.',
  denied: 'The server refused this client; sign in and call connect().',
  cancelled: 'It was cancelled before it was sent.',
  expired: 'Its time to live passed before an answer came.',
  outbox_full: 'Too much waits to be sent; cancel some, or raise outbox.maxItems.',
  storage_failed: 'The local store failed; the client goes on in memory.',
}

export function clientHintOf(code: ErrorCode): string | undefined {
  return (CLIENT_HINTS as Partial<Record<ErrorCode, string>>)[code]
}

/** In a function, which every bundler leaves out where nobody calls it. */
const hints = (): Readonly<Record<ErrorCode, string>> => ({
  bad_frame: 'The frame is not one of holdfast.v1; compare it with PROTOCOL.md.',
  bad_channel: CLIENT_HINTS.bad_channel,
  bad_message: 'Data must be JSON or bytes: no cycles, no functions, depth at most 64, no reserved keys.',
  bad_cursor: 'Pass an offset that Holdfast gave you, unchanged.',
  bad_config: 'Correct the option that the message names.',
  contract_violation: 'Send what the contract of the channel allows; the path names the place.',
  message_too_large: 'Send less, or raise limits.messageBytes on the hub.',
  frame_too_large: 'Send less in one frame, or raise limits.frameBytes on the hub.',
  batch_too_large: 'Split the batch; the welcome announces the limit.',
  too_many_channels: 'Unsubscribe from channels first, or raise limits.channelsPerClient on the hub.',
  too_many_clients: 'Detach a client of this session first.',
  too_many_commands: 'Wait for answers before sending more commands.',
  rate_limited: 'Wait for retryAfterMs before the next attempt.',
  unauthenticated: 'Send a valid token.',
  token_expired: 'Fetch a fresh token and send it.',
  auth_timeout: 'Send the auth frame within the time that the hub allows.',
  origin_denied: "Add the page's origin to the hub's allowedOrigins.",
  forbidden: "The hub's authorize said no; ask for a grant.",
  unknown_channel: 'Add a channel pattern with authorize to the hub, or create it with open: true.',
  revoked: 'The server took this subscription away.',
  unsupported_version: 'Offer the WebSocket subprotocol holdfast.v1.',
  replaced: 'Another session took this client over.',
  not_subscribed: 'Subscribe to the channel first.',
  not_durable: 'The channel is ephemeral: it has no offsets and no history.',
  idempotency_conflict: 'This message id was used for other data; use a new id.',
  idempotency_expired: 'The first attempt is older than the window; whether it was stored is unknown.',
  conflict: 'The channel has moved on; read from the top in the error and try again.',
  producer_fenced: 'A newer epoch of this producer has written; stop this one.',
  producer_gap: "Send the producer's missing sequence numbers first.",
  channel_closed: 'The channel is closed to appends.',
  channel_exists: 'The channel exists with another configuration.',
  channel_not_found: 'Create the channel first.',
  poison: 'One stored entry cannot be read; it was skipped.',
  log_unavailable: 'The log did not answer; try again.',
  log_busy: 'Another process owns this file; ask that hub instead.',
  log_incompatible: 'The file was written by another version; migrate it or use another file.',
  draining: 'The server is going away; reconnect.',
  slow_consumer: 'The connection could not keep up; reconnect and resume.',
  internal: 'Something broke on the server; its log has the cause.',
  network: CLIENT_HINTS.network,
  timeout: CLIENT_HINTS.timeout,
  disconnected: CLIENT_HINTS.disconnected,
  denied: CLIENT_HINTS.denied,
  cancelled: CLIENT_HINTS.cancelled,
  expired: CLIENT_HINTS.expired,
  outbox_full: CLIENT_HINTS.outbox_full,
  storage_failed: CLIENT_HINTS.storage_failed,
})

export const ERROR_CODES: Readonly<Record<ErrorCode, ErrorRule>> = /* @__PURE__ */ tableOfRules()

function tableOfRules(): Record<ErrorCode, ErrorRule> {
  const all = [...CLIENT_RULES, ...SERVER_RULES]
  const rules = Object.entries(hints()).map(([code, hint]) => [code, { ...kindOf(code, all), hint }])
  return Object.fromEntries(rules)
}

/** An error as it travels in a frame. `top` accompanies `conflict`: the channel's position now, as an offset. */
export interface WireError {
  readonly code: ErrorCode
  readonly class: ErrorClass
  readonly retryWhen: RetryWhen
  readonly message: string
  readonly hint: string
  readonly retryAfterMs?: number
  readonly top?: string
  /** With `contract_violation`: the place in the message, such as `data.items[2].name`. */
  readonly path?: string
}

/** What may be added to a code's fixed parts. */
export interface WireErrorDetails {
  readonly message?: string
  readonly retryAfterMs?: number
  readonly top?: string
  readonly path?: string
}

/** Whether `value` is one of the codes. A newer peer may send others. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_CODES, value)
}

/** The wire form of a code. `message` must hold nothing of the server's internals. */
export function wireError(code: ErrorCode, details: WireErrorDetails = {}): WireError {
  const { class: errorClass, retryWhen, hint } = ERROR_CODES[code]
  const { message = hint, retryAfterMs, top, path } = details
  return {
    code,
    class: errorClass,
    retryWhen,
    message,
    hint,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(top === undefined ? {} : { top }),
    ...(path === undefined ? {} : { path }),
  }
}
