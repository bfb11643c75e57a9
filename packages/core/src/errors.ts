import {
  clientHintOf,
  type ErrorClass,
  type ErrorCode,
  kindOf,
  type RetryWhen,
  type WireError,
} from './protocol/index.ts'

/** Where each code has its page. */
const DOCS = 'https://github.com/holdfast/holdfast/blob/main/docs/errors.md#'

export interface HoldfastErrorDetails {
  readonly message?: string
  readonly hint?: string
  readonly cause?: unknown
  readonly retryAfterMs?: number | undefined
  readonly top?: string | undefined
  readonly path?: string | undefined
  /** What a server said of the code; else both follow from it. */
  readonly class?: ErrorClass
  readonly retryWhen?: RetryWhen
}

/** Every error that Holdfast throws, rejects with or emits. */
export class HoldfastError extends Error {
  override readonly name: string = 'HoldfastError'
  /** One of the codes of PROTOCOL.md. A newer server may send others. */
  declare readonly code: ErrorCode
  declare readonly class: ErrorClass
  /** When the same request may succeed. */
  declare readonly retryWhen: RetryWhen
  /** What to do about it, in one sentence: the server's own, or where to read on. */
  declare readonly hint: string
  /** The least wait before another attempt, in milliseconds, where the server named one. */
  declare readonly retryAfterMs: number | undefined
  /** With `conflict`: the channel's top now. */
  declare readonly top: string | undefined
  /** With `contract_violation`: the place in the message, such as `data.items[2].name`. */
  declare readonly path: string | undefined
  /** The page about this code. */
  declare readonly docs: string

  constructor(code: ErrorCode, details: HoldfastErrorDetails = {}) {
    const docs = DOCS + code
    const { hint = clientHintOf(code) ?? `See ${docs}`, message = hint, retryAfterMs, top, path } = details
    super(message, details)
    const kind = { ...kindOf(code), ...details }
    this.code = code
    this.class = kind.class
    this.retryWhen = kind.retryWhen
    this.hint = hint
    this.retryAfterMs = retryAfterMs
    this.top = top
    this.path = path
    this.docs = docs
  }

  /** The error that a frame carried. It is what the frame says, also where this version does not know its code. */
  static fromWire(wire: WireError): HoldfastError {
    return new HoldfastError(wire.code, wire)
  }
}
