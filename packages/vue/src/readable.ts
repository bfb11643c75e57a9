/** The bridge: what core shows, as computed refs. */
import type { Readable } from '@holdfast/core'
import { type ComputedRef, computed, getCurrentInstance, shallowRef, triggerRef } from 'vue'
import { isOnServer, type Stop, useLifetime } from './lifetime.ts'

/**
 * What `read` finds in a source, which calls `changed` when that has become another. What a server renders and hydration
 * has to find is `readInitial`.
 */
export function useSource<S, T>(
  source: () => S,
  watch: (source: S, changed: () => void) => Stop,
  read: (source: S) => T,
  readInitial: (source: S) => T,
): ComputedRef<T> {
  const change = shallowRef()
  const hasBegun = useLifetime([source], (now) => watch(now, () => triggerRef(change)))
  const instance = getCurrentInstance()
  // What is being set up has an element only where it takes over the server's.
  const isAsServed = isOnServer() || (instance && !instance.isMounted && instance.vnode.el)
  return computed(() => {
    void change.value
    return (isAsServed && !hasBegun() ? readInitial : read)(source())
  })
}

/** The readable's value now; `off` while there is no readable, during server rendering and while hydrating. */
export function useReadable<T>(readable: () => Readable<T> | null, off: T): ComputedRef<T> {
  return useSource(
    readable,
    (now, changed) => {
      const subscription = now?.subscribe(changed)
      return () => subscription?.unsubscribe()
    },
    (now) => (now ? now.value : off),
    () => off,
  )
}

/** A computed ref for each property. */
export type RefsOf<T> = { readonly [K in keyof T]: ComputedRef<T[K]> }

/** Of what a ref holds, each of these properties as a ref of its own, so that they can be destructured. */
export function refsOf<T, K extends keyof T>(whole: ComputedRef<T>, ...keys: K[]): RefsOf<Pick<T, K>> {
  return Object.fromEntries(keys.map((key) => [key, computed(() => whole.value[key])])) as RefsOf<Pick<T, K>>
}
