import {
  type ChannelState,
  MessageList,
  type MessageListOptions,
  type MessageListState,
} from '@holdfast/core'
import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react'
import { useChannelStatus, useNamedChannel } from './channel.ts'

export interface UseMessages extends MessageListState {
  /** How the subscription stands; `idle` while the name is null. */
  readonly status: ChannelState
}

const NOTHING: MessageListState = { messages: [], gaps: [] }
const unwatch = (): void => undefined

/**
 * The latest messages of a channel, and the gaps between them: first what the client's store holds, then what was
 * missed since, then live. Options other than `limit` count when the name is first used. A null name means off.
 *
 * @example
 * const { messages, gaps, status } = useMessages(`room:${id}`, { from: { last: 50 } })
 */
export function useMessages(name: string | null, options: MessageListOptions = {}): UseMessages {
  const channel = useNamedChannel(name)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a list lives as long as its channel is shown.
  const list = useMemo(() => channel && new MessageList(channel, options), [channel])
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
