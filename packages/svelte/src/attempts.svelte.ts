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
    return failed && (() => this.track(failed.retry))
  }

  /** Begins a publish and counts it until it settles. An effect that does so does not follow what is read on the way. */
  track(begin: () => Publish): Publish {
    return untrack(() => {
      const publish = begin()
      this.#pending++
      this.#failure = null
      const settled = (failure: PublishFailure | null): void => {
        this.#pending--
        this.#failure = failure ?? this.#failure
      }
      publish.then(() => settled(null), settled)
      return publish
    })
  }
}
