import {
  type ChannelState,
  EMPTY_LIST,
  type Message,
  MessageList,
  type MessageListOptions,
  type MessageListState,
} from '@holdfast/core'
import { untrack } from 'svelte'
import { useHoldfast } from './context.svelte.ts'
import { gettersOf, type MaybeGetter, toValue } from './getter.ts'
import { type ChannelName, useChannelStatus, useNamedChannel } from './named-channel.svelte.ts'
import { useSource } from './readable.svelte.ts'

export interface UseMessages<M extends Message = Message> extends MessageListState<M> {
  /** How the subscription stands; `idle` while the name is null. */
  readonly status: ChannelState
}

/**
 * The latest messages of a channel, and the gaps between them: first what the client's store holds, then what was
 * missed since, then live, and last what this client has published and the server has not sent back. It begins anew when
 * the client's identity ends. It is filled while an effect or a template reads it. Options other than `limit` count when
 * the name is first used. A null name means off.
 *
 * @example
 * const room = useMessages(() => `room:${id}`, { from: { last: 50 } })
 * // {#each room.messages as message (message.id)} … {/each}
 */
export function useMessages(name: ChannelName, options: MaybeGetter<MessageListOptions> = {}): UseMessages {
  const client = useHoldfast()
  const channel = useNamedChannel(name)
  // A list lives as long as its channel is shown.
  const list = $derived.by(() => {
    const now = channel()
    return now && untrack(() => new MessageList(client, now.name, toValue(options)))
  })
  $effect(() => list?.resize(toValue(options).limit ?? 100))
  const state = useSource<MessageListState>(() => list, EMPTY_LIST)
  return gettersOf<UseMessages>({
    messages: () => state().messages,
    gaps: () => state().gaps,
    isLoading: () => state().isLoading,
    error: () => state().error,
    status: useChannelStatus(channel),
  })
}
