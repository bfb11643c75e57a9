/**
 * `@holdfast/react/suspense`: messages that suspend the component until there is something to show.
 *
 * @packageDocumentation
 */
import { type Client, MessageList, type MessageListOptions } from '@holdfast/core'
import { useEffect } from 'react'
import { type UseMessages, useList } from './messages.ts'
import { useHoldfast } from './provider.tsx'

/** A list that a component has suspended for. */
interface Entry {
  readonly list: MessageList
  /** Settles when there is something to show; null after that, so that nobody waits again. */
  loading: Promise<void> | null
  /** Ends what fills the list before a component does. */
  stop: () => void
}

/** Lists kept a client: those used last. */
const MAX_ENTRIES = 100
const stopped = (): void => undefined

const entriesOf = new WeakMap<Client, Map<string, Entry>>()

/**
 * As `useMessages`, but suspends until the store or the server has said what there is: once, and never again, whatever
 * becomes of the connection. While rendering on a server it shows `initialMessages` and does not suspend.
 *
 * @example
 * <Suspense fallback={<Skeleton />}><Room id={id} /></Suspense>
 */
export function useSuspenseMessages(name: string, options: MessageListOptions = {}): UseMessages {
  const client = useHoldfast()
  const entry = entryOf(client, name, options)
  if (entry.loading) throw entry.loading
  const { limit = 100 } = options
  useEffect(() => entry.list.resize(limit), [entry, limit])
  const shown = useList(name, entry.list)
  // From here on the component itself keeps the list filled.
  useEffect(() => {
    entry.stop()
    entry.stop = stopped
  }, [entry])
  return shown
}

function entryOf(client: Client, name: string, options: MessageListOptions): Entry {
  const entries = entriesOf.get(client) ?? new Map<string, Entry>()
  entriesOf.set(client, entries)
  const entry = entries.get(name) ?? open(client, name, options)
  // The last used stand last.
  entries.delete(name)
  entries.set(name, entry)
  const [oldest] = entries
  if (entries.size > MAX_ENTRIES && oldest) {
    entries.delete(oldest[0])
    oldest[1].stop()
  }
  return entry
}

/** Begins to fill a list: a component that suspends has no effects that could. */
function open(client: Client, name: string, options: MessageListOptions): Entry {
  const list = new MessageList(client, name, options)
  const entry: Entry = { list, loading: null, stop: stopped }
  if (!list.state.isLoading || typeof window === 'undefined') return entry
  entry.loading = new Promise((resolve) => {
    entry.stop = list.watch(() => {
      if (list.state.isLoading) return
      entry.loading = null
      resolve()
    })
  })
  return entry
}
