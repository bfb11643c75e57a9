import {
  ERROR_CODES,
  type ErrorClass,
  type ErrorCode,
  isErrorCode,
  type RetryWhen,
  type WireError,
} from './protocol/index.ts'

/** Where each code has its page. */
const DOCS = 'https://github.com/holdfast/holdfast/blob/main/docs/errors.md'

export interface HoldfastErrorDetails {
  readonly message?: string
  readonly cause?: unknown
  readonly retryAfterMs?: number
  readonly top?: string
  /** What a peer said of a code that this version does not know; else both follow from the code. */
  readonly class?: ErrorClass
  readonly retryWhen?: RetryWhen
}

/** Every error that Holdfast throws, rejects with or emits. */
export class HoldfastError extends Error {
  override readonly name: string = 'HoldfastError'
  /** One of the codes of PROTOCOL.md. A newer server may send others. */
  readonly code: ErrorCode
  readonly class: ErrorClass
  /** When the same request may succeed. */
  readonly retryWhen: RetryWhen
  /** What to do about it, in one sentence. */
  readonly hint: string
  /** The least wait before another attempt, in milliseconds, where the server named one. */
  readonly retryAfterMs: number | undefined
  /** With `conflict`: the channel's top now. */
  readonly top: string | undefined
  /** The page about this code. */
  readonly docs: string

  constructor(code: ErrorCode, details: HoldfastErrorDetails = {}) {
    const rule = ERROR_CODES[code]
    super(details.message ?? rule.hint, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.class = details.class ?? rule.class
    this.retryWhen = details.retryWhen ?? rule.retryWhen
    this.hint = rule.hint
    this.retryAfterMs = details.retryAfterMs
    this.top = details.top
    this.docs = `${DOCS}#${code}`
  }

  /** The error that a frame carried. An unknown code counts as `internal`, but is retried as its frame says. */
  static fromWire(wire: WireError): HoldfastError {
    const code = isErrorCode(wire.code) ? wire.code : 'internal'
    const { message, retryAfterMs, top, retryWhen } = wire
    return new HoldfastError(code, {
      message,
      class: wire.class,
      retryWhen,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(top === undefined ? {} : { top }),
    })
  }
}
