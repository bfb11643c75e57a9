import { ERROR_CODES, type ErrorClass, type ErrorCode, type RetryWhen } from '@holdfast/core/protocol'

/** Where each code has its page. */
const DOCS = 'https://github.com/holdfast/holdfast/blob/main/docs/errors.md'

export interface HubErrorDetails {
  readonly message?: string
  readonly cause?: unknown
  readonly retryAfterMs?: number
  readonly top?: string
  readonly path?: string
}

/** Every error that the server kit throws or rejects with. Its message and cause stay on the server. */
export class HubError extends Error {
  override readonly name: string = 'HubError'
  /** One of the codes of PROTOCOL.md. */
  readonly code: ErrorCode
  readonly class: ErrorClass
  /** When the same request may succeed. */
  readonly retryWhen: RetryWhen
  /** What to do about it, in one sentence. */
  readonly hint: string
  /** The least wait before another attempt, in milliseconds, where there is one. */
  readonly retryAfterMs: number | undefined
  /** With `conflict`: the channel's top now. */
  readonly top: string | undefined
  /** With `contract_violation`: the place in the message, such as `data.items[2].name`. */
  readonly path: string | undefined
  /** The page about this code. */
  readonly docs: string

  constructor(code: ErrorCode, details: HubErrorDetails = {}) {
    const rule = ERROR_CODES[code]
    super(details.message ?? rule.hint, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.class = rule.class
    this.retryWhen = rule.retryWhen
    this.hint = rule.hint
    this.retryAfterMs = details.retryAfterMs
    this.top = details.top
    this.path = details.path
    this.docs = `${DOCS}#${code}`
  }
}
