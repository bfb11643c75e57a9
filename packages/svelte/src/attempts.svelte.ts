import type { Publish, PublishFailure } from '@holdfast/core'
import { untrack } from 'svelte'

/** The publishes of a component to one channel: those since its name was set. */
export class Attempts {
  #pending: number = $state(0)
  #failure: PublishFailure | null = $state.raw(null)

  get isPending(): boolean {
    return this.#pending > 0
  }

  get error(): PublishFailure['error'] | null {
    return this.#failure?.error ?? null
  }

  get retry(): (() => Publish) | null {
    const failed = this.#failure
    return failed && (() => this.track(failed.retry()))
  }

  /** Untracked: an effect that publishes does not run again when what it published settles. */
  track(publish: Publish): Publish {
    untrack(() => {
      this.#pending++
      this.#failure = null
    })
    const settled = (failure: PublishFailure | null): void => {
      this.#pending--
      this.#failure = failure ?? this.#failure
    }
    publish.then(() => settled(null), settled)
    return publish
  }
}
