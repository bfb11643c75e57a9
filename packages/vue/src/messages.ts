import {
  type ChannelState,
  EMPTY_LIST,
  type Message,
  MessageList,
  type MessageListOptions,
  type MessageListState,
} from '@holdfast/core'
import { type ComputedRef, computed, type MaybeRefOrGetter, toRaw, toValue, watch } from 'vue'
import { useChannelStatus, useNamedChannel } from './named-channel.ts'
import { useHoldfast } from './provider.ts'
import { type RefsOf, refsOf, useSource } from './readable.ts'

export interface UseMessages<M extends Message = Message> extends RefsOf<MessageListState<M>> {
  /** How the subscription stands; `idle` while the name is null. */
  readonly status: ComputedRef<ChannelState>
}

/**
 * The latest messages of a channel, and the gaps between them: first what the client's store holds, then what was
 * missed since, then live, and last what this client has published and the server has not sent back. It begins anew when
 * the client's identity ends. Options other than `limit` count when the name is first used. A null name means off. The
 * messages are the client's own objects: not reactive, and the same until they change.
 *
 * @example
 * const { messages, gaps, status } = useMessages(() => `room:${props.id}`, { from: { last: 50 } })
 */
export function useMessages(
  name: MaybeRefOrGetter<string | null>,
  options: MaybeRefOrGetter<MessageListOptions> = {},
): UseMessages {
  const client = useHoldfast()
  let held: { readonly name: string | null; readonly list: MessageList | null } | undefined
  const list = computed(() => {
    const now = toValue(name)
    // Other options alone make no other list.
    if (held?.name !== now) {
      const given = toValue(options)
      const raw = { ...given, initialMessages: toRaw(given.initialMessages) }
      held = { name: now, list: now === null ? null : new MessageList(client, now, raw) }
    }
    return held.list
  })
  const limit = (): number => toValue(options).limit ?? 100
  watch(limit, (now) => list.value?.resize(now))
  const state = useSource(
    () => list.value,
    (now, changed) => now?.watch(changed),
    (now) => now?.state ?? EMPTY_LIST,
    (now) => now?.initial ?? EMPTY_LIST,
  )
  return {
    ...refsOf(state, 'messages', 'gaps', 'isLoading', 'error'),
    status: useChannelStatus(useNamedChannel(name)),
  }
}
