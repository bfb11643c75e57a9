import {
  type ChannelState,
  EMPTY_LIST,
  type Message,
  MessageList,
  type MessageListOptions,
  type MessageListState,
} from '@holdfast/core'
import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react'
import { useChannelStatus, useNamedChannel } from './channel.ts'
import { useHoldfast } from './provider.tsx'

export interface UseMessages<M extends Message = Message> extends MessageListState<M> {
  /** How the subscription stands; `idle` while the name is null. */
  readonly status: ChannelState
}

const unwatch = (): void => undefined

/**
 * The latest messages of a channel, and the gaps between them: first what the client's store holds, then what was
 * missed since, then live, and last what this client has published and the server has not sent back. It begins anew when
 * the client's identity ends. Options other than `limit` count when the name is first used. A null name means off.
 *
 * @example
 * const { messages, gaps, status } = useMessages(`room:${id}`, { from: { last: 50 } })
 */
export function useMessages(name: string | null, options: MessageListOptions = {}): UseMessages {
  const client = useHoldfast()
  // biome-ignore lint/correctness/useExhaustiveDependencies: a list lives as long as its channel is shown.
  const list = useMemo(() => (name === null ? null : new MessageList(client, name, options)), [client, name])
  const { limit = 100 } = options
  useEffect(() => list?.resize(limit), [list, limit])
  return useList(name, list)
}

/** What a list holds, watched for the life of the component. */
export function useList(name: string | null, list: MessageList | null): UseMessages {
  const watch = useCallback((changed: () => void) => list?.watch(changed) ?? unwatch, [list])
  const state = useSyncExternalStore(
    watch,
    () => list?.state ?? EMPTY_LIST,
    () => list?.initial ?? EMPTY_LIST,
  )
  return { ...state, status: useChannelStatus(useNamedChannel(name)) }
}
