/** What the application holds of a publish. */
import { type Deferred, deferred } from '../deferred.ts'
import { HoldfastError } from '../errors.ts'
import type { OkFrame } from '../protocol/index.ts'
import type { Publish, PublishFailure, PublishResult } from './publish.ts'
import { PublishError } from './publish-error.ts'

/** One try. Settles once; later calls do nothing. */
export class Attempt {
  declare readonly publish: Publish
  isSettled = false
  readonly #queued: Deferred<void> = deferred()
  readonly #result: Deferred<PublishResult> = deferred()

  constructor(id: string, cancel: () => boolean = () => false) {
    const queued = this.#queued.promise
    // Who does not listen to `queued` hears the same from the promise itself.
    queued.catch(() => undefined)
    this.publish = Object.assign(this.#result.promise, { id, queued, cancel })
  }

  /** It is in the outbox. */
  hold(): void {
    this.#queued.resolve()
  }

  succeed({ at, time, duplicate }: OkFrame): void {
    this.isSettled = true
    this.hold()
    const { id } = this.publish
    this.#result.resolve({
      id,
      // Plain, as a message's: signed, the same place would compare as another.
      offset: at?.split('.')[0] ?? null,
      timestamp: time ?? 0,
      duplicate: duplicate ?? false,
    })
  }

  fail(failure: PublishFailure): Publish {
    this.isSettled = true
    const error = new PublishError(failure)
    this.#queued.reject(error)
    this.#result.reject(error)
    return this.publish
  }
}

export function asHoldfastError(error: unknown): HoldfastError {
  return error instanceof HoldfastError ? error : new HoldfastError('internal', { cause: error })
}
