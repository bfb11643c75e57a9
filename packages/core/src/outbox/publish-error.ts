import { HoldfastError } from '../errors.ts'
import type { Publish, PublishAction, PublishFailure } from './publish.ts'

/** What a publish rejects with. It has the code, class and hint of its `error`. */
export class PublishError extends HoldfastError implements PublishFailure {
  override readonly name: string = 'PublishError'
  readonly error: HoldfastError
  readonly action: PublishAction
  readonly outcome: 'rejected' | 'unknown'
  readonly retry: () => Publish

  constructor({ error, action, outcome, retry }: PublishFailure) {
    super(error.code, { ...error, message: error.message, cause: error })
    this.error = error
    this.action = action
    this.outcome = outcome
    this.retry = retry
  }
}
