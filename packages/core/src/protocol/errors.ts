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

const rule = (errorClass: ErrorClass, retryWhen: RetryWhen, hint: string): ErrorRule => ({
  class: errorClass,
  retryWhen,
  hint,
})

/** Every code that crosses the wire or reaches an application. */
export type ErrorCode =
  | 'bad_frame'
  | 'bad_channel'
  | 'bad_message'
  | 'bad_cursor'
  | 'bad_config'
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

export const ERROR_CODES: Readonly<Record<ErrorCode, ErrorRule>> = {
  bad_frame: rule('input', 'never', 'The frame is not one of holdfast.v1; compare it with PROTOCOL.md.'),
  bad_channel: rule('input', 'never', 'A channel name has 1 to 200 characters and no control characters.'),
  bad_message: rule(
    'input',
    'never',
    'Data must be JSON or bytes: no cycles, no functions, depth at most 64, no reserved keys.',
  ),
  bad_cursor: rule('input', 'never', 'Pass an offset that Holdfast gave you, unchanged.'),
  bad_config: rule('config', 'never', 'Correct the option that the message names.'),
  message_too_large: rule('limit', 'never', 'Send less, or raise limits.messageBytes on the hub.'),
  frame_too_large: rule('limit', 'never', 'Send less in one frame, or raise limits.frameBytes on the hub.'),
  batch_too_large: rule('limit', 'never', 'Split the batch; the welcome announces the limit.'),
  too_many_channels: rule(
    'limit',
    'never',
    'Unsubscribe from channels first, or raise limits.channelsPerClient on the hub.',
  ),
  too_many_clients: rule('limit', 'never', 'Detach a client of this session first.'),
  too_many_commands: rule('limit', 'backoff', 'Wait for answers before sending more commands.'),
  rate_limited: rule('limit', 'backoff', 'Wait for retryAfterMs before the next attempt.'),
  unauthenticated: rule('auth', 'after-refresh', 'Send a valid token.'),
  token_expired: rule('auth', 'after-refresh', 'Fetch a fresh token and send it.'),
  auth_timeout: rule('auth', 'now', 'Send the auth frame within the time that the hub allows.'),
  origin_denied: rule('auth', 'never', "Add the page's origin to the hub's allowedOrigins."),
  forbidden: rule('auth', 'never', "The hub's authorize said no; ask for a grant."),
  unknown_channel: rule(
    'auth',
    'never',
    'Add a channel pattern with authorize to the hub, or create it with open: true.',
  ),
  revoked: rule('auth', 'never', 'The server took this subscription away.'),
  unsupported_version: rule('input', 'never', 'Offer the WebSocket subprotocol holdfast.v1.'),
  replaced: rule('client', 'never', 'Another session took this client over.'),
  not_subscribed: rule('input', 'never', 'Subscribe to the channel first.'),
  not_durable: rule('input', 'never', 'The channel is ephemeral: it has no offsets and no history.'),
  idempotency_conflict: rule('conflict', 'never', 'This message id was used for other data; use a new id.'),
  idempotency_expired: rule(
    'conflict',
    'never',
    'The first attempt is older than the window; whether it was stored is unknown.',
  ),
  conflict: rule(
    'conflict',
    'never',
    'The channel has moved on; read from the top in the error and try again.',
  ),
  producer_fenced: rule('conflict', 'never', 'A newer epoch of this producer has written; stop this one.'),
  producer_gap: rule('conflict', 'never', "Send the producer's missing sequence numbers first."),
  channel_closed: rule('conflict', 'never', 'The channel is closed to appends.'),
  channel_exists: rule('conflict', 'never', 'The channel exists with another configuration.'),
  channel_not_found: rule('input', 'never', 'Create the channel first.'),
  poison: rule('server', 'never', 'One stored entry cannot be read; it was skipped.'),
  log_unavailable: rule('server', 'backoff', 'The log did not answer; try again.'),
  log_busy: rule('config', 'never', 'Another process owns this file; ask that hub instead.'),
  log_incompatible: rule(
    'config',
    'never',
    'The file was written by another version; migrate it or use another file.',
  ),
  draining: rule('server', 'backoff', 'The server is going away; reconnect.'),
  slow_consumer: rule('server', 'backoff', 'The connection could not keep up; reconnect and resume.'),
  internal: rule('server', 'backoff', 'Something broke on the server; its log has the cause.'),
  network: rule('network', 'backoff', 'The connection was lost before an answer came.'),
  timeout: rule('network', 'backoff', 'No answer came in time; whether it took effect is unknown.'),
  disconnected: rule('network', 'backoff', 'Call connect(), or create the client with an outbox.'),
  denied: rule('auth', 'never', 'The server refused this client; sign in again and call connect().'),
  cancelled: rule('client', 'never', 'It was cancelled before it was sent.'),
  expired: rule('client', 'never', 'Its time to live passed before the server acknowledged it.'),
  outbox_full: rule(
    'limit',
    'backoff',
    'Too much waits to be sent; wait, cancel some, or raise outbox.maxItems.',
  ),
  storage_failed: rule('client', 'backoff', 'The local store failed; the client goes on in memory.'),
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
}

/** What may be added to a code's fixed parts. */
export interface WireErrorDetails {
  readonly message?: string
  readonly retryAfterMs?: number
  readonly top?: string
}

/** Whether `value` is one of the codes. A newer peer may send others. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_CODES, value)
}

/** The wire form of a code. `message` must hold nothing of the server's internals. */
export function wireError(code: ErrorCode, details: WireErrorDetails = {}): WireError {
  const { class: errorClass, retryWhen, hint } = ERROR_CODES[code]
  const { message = hint, retryAfterMs, top } = details
  return {
    code,
    class: errorClass,
    retryWhen,
    message,
    hint,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(top === undefined ? {} : { top }),
  }
}
