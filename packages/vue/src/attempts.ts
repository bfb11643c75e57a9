import type { Channel, Publish, PublishFailure } from '@holdfast/core'

/** What was published to a channel since its name was set. */
export class Attempts {
  readonly channel: Channel | null
  pending = 0
  failure: PublishFailure | null = null
  readonly #changed: () => void

  constructor(channel: Channel | null, changed: () => void) {
    this.channel = channel
    this.#changed = changed
  }

  track(publish: Publish): Publish {
    this.#show(1, null)
    publish.then(
      () => this.#show(-1, this.failure),
      (failure) => this.#show(-1, failure),
    )
    return publish
  }

  #show(pending: number, failure: PublishFailure | null): void {
    this.pending += pending
    this.failure = failure
    this.#changed()
  }
}
