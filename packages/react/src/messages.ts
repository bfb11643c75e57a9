import {
  type ChannelState,
  MessageList,
  type MessageListOptions,
  type MessageListState,
} from '@holdfast/core'
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { useChannelStatus, useNamedChannel } from './channel.ts'
import { useHoldfast } from './provider.tsx'
import { useReadable } from './readable.ts'

export interface UseMessages extends MessageListState {
  /** How the subscription stands; `idle` while the name is null. */
  readonly status: ChannelState
}

const NOTHING: MessageListState = { messages: [], gaps: [] }
const unwatch = (): void => undefined

/**
 * The latest messages of a channel, and the gaps between them: first what the client's store holds, then what was
 * missed since, then live. It begins anew when the client's identity ends. Options other than `limit` count when the
 * name is first used. A null name means off.
 *
 * @example
 * const { messages, gaps, status } = useMessages(`room:${id}`, { from: { last: 50 } })
 */
export function useMessages(name: string | null, options: MessageListOptions = {}): UseMessages {
  const channel = useNamedChannel(name)
  const era = useEra()
  // biome-ignore lint/correctness/useExhaustiveDependencies: a list lives as long as its channel is shown to one identity.
  const list = useMemo(() => channel && new MessageList(channel, options), [channel, era])
  const { limit = 100 } = options
  useEffect(() => list?.resize(limit), [list, limit])
  const watch = useCallback((changed: () => void) => list?.watch(changed) ?? unwatch, [list])
  const state = useSyncExternalStore(
    watch,
    () => list?.state ?? NOTHING,
    () => list?.initial ?? NOTHING,
  )
  return { ...state, status: useChannelStatus(channel) }
}

/** Counts the identities that have ended: what one of them was shown is not for the next. */
function useEra(): number {
  const id = useReadable(useHoldfast().identity$, null)?.id ?? null
  const [now, setNow] = useState({ id, era: 0 })
  if (now.id !== id) setNow({ id, era: now.id === null ? now.era : now.era + 1 })
  return now.era
}
