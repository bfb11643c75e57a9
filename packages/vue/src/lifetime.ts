import { getCurrentInstance, inject, shallowRef, ssrContextKey, watch, watchPostEffect } from 'vue'

/** Whether this is a server: some have a `window`, and before the rendering only that tells. */
export function isOnServer(): boolean {
  return typeof window === 'undefined' || inject(ssrContextKey, null) !== null
}

/** Ends what was started. */
export type Stop = (() => void) | undefined

/**
 * Calls `start` with what the sources hold, and with each change again, after what it returned. It begins when the
 * component is mounted, at once where there is none, and never on a server; it ends with the scope.
 * @returns whether it has begun
 */
export function useLifetime<S extends readonly unknown[]>(
  sources: { readonly [K in keyof S]: () => S[K] },
  start: (...values: S) => Stop,
): () => boolean {
  if (isOnServer()) return () => false
  const isLive = shallowRef(!getCurrentInstance())
  // Not `onMounted`: a store that is first used while a component renders would miss it.
  watchPostEffect(() => {
    isLive.value = true
  })
  // Getters and no refs: Vue takes a shallow ref for changed whenever it looks.
  const watched: (() => unknown)[] = [() => isLive.value, ...sources]
  watch(
    watched,
    ([isNow, ...values], _, onCleanup) => {
      const stop = isNow ? start(...(values as unknown as S)) : undefined
      if (stop) onCleanup(stop)
    },
    { immediate: true },
  )
  return () => isLive.value
}
