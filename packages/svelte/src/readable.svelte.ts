/** The bridge: what core holds and tells the changes of, as Svelte's effects and templates read it. */
import type { Readable } from '@holdfast/core'
import { createSubscriber } from 'svelte/reactivity'
import { useProvided } from './context.svelte.ts'

/** Something that holds a state and tells its changes while it is watched; core's MessageList is one. */
export interface Source<T> {
  readonly state: T
  /** What a server's page shows, where that is not `off`. */
  readonly initial?: T
  watch(changed: () => void): () => void
}

/**
 * The state of a source, or `off` while there is none. An effect or a template that reads it watches the source for as
 * long as it lives, all of them together once; whoever else reads it just gets it. On a server it is the initial one, and
 * for effects and templates until the provider is mounted: so the page that comes to life is the server's.
 */
export function useSource<T>(source: () => Source<T> | null, off: T): () => T {
  const { isServers } = useProvided()
  const watched = $derived.by(() => {
    const now = source()
    return now && { now, follow: createSubscriber((changed) => now.watch(changed)) }
  })
  return () => {
    if (!watched) return off
    const { now, follow } = watched
    if (isServers()) return now.initial ?? off
    follow()
    return now.state
  }
}

export function sourceOf<T>(readable: Readable<T>): Source<T> {
  return {
    get state() {
      return readable.value
    },
    watch(changed) {
      let isSubscribed = false
      // The value of now comes at once, which is no change.
      const subscription = readable.subscribe(() => isSubscribed && changed())
      isSubscribed = true
      return () => subscription.unsubscribe()
    },
  }
}
