/** The bridge: what core shows as a Readable, as React reads external stores. */
import type { Readable } from '@holdfast/core'
import { useCallback, useSyncExternalStore } from 'react'

/** The readable's value now; `off` while there is no readable, during server rendering and while hydrating. */
export function useReadable<T>(readable: Readable<T> | null, off: T): T {
  const subscribe = useCallback(
    (changed: () => void) => {
      const subscription = readable?.subscribe(changed)
      return () => subscription?.unsubscribe()
    },
    [readable],
  )
  return useSyncExternalStore(
    subscribe,
    () => (readable ? readable.value : off),
    () => off,
  )
}
