import type { Readable } from '@holdfast/core'
import { useCallback, useSyncExternalStore } from 'react'

/** What a part of the client shows that has no hook of its own. */
export function useValue<T>(readable: Readable<T>): T {
  const subscribe = useCallback(
    (changed: () => void) => {
      const subscription = readable.subscribe(changed)
      return () => subscription.unsubscribe()
    },
    [readable],
  )
  return useSyncExternalStore(subscribe, () => readable.value)
}
