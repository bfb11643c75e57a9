import type {
  AnyEvents,
  Channel,
  ChannelState,
  EventMap,
  MessageHandler,
  SubscribeOptions,
} from '@holdfast/core'
import { type ComputedRef, type MaybeRef, type MaybeRefOrGetter, toValue, unref } from 'vue'
import { useLifetime } from './lifetime.ts'
import { useChannelStatus, useNamedChannel } from './named-channel.ts'

/** Of a subscription, beside its event. What of them is a function may be another at any time. */
export type UseChannelOptions = Omit<SubscribeOptions, 'event'>

export interface UseChannel<M extends EventMap = AnyEvents> {
  /** Null while the name is. */
  readonly channel: ComputedRef<Channel<M> | null>
  /** How the subscription stands; `idle` while the name is null. */
  readonly status: ComputedRef<ChannelState>
}

/**
 * Keeps a channel subscribed for the life of the component, store or scope, and calls `handler` for every message, or for
 * those of `event`. A component that `<KeepAlive>` keeps stays subscribed. The handler and the options of the moment count;
 * new ones cause no traffic, except that `from` counts when the channel or event is first used, and `params` when the
 * server is next asked. A null name means off.
 *
 * @example
 * const { status } = useChannel(() => `room:${props.id}`, 'message', (message) => ring(message))
 */
export function useChannel(
  name: MaybeRefOrGetter<string | null>,
  event?: MaybeRefOrGetter<string | undefined>,
  handler?: MaybeRef<MessageHandler | undefined>,
  options: MaybeRefOrGetter<UseChannelOptions> = {},
): UseChannel {
  const channel = useNamedChannel(name)
  useLifetime([() => channel.value, () => toValue(event)], (channel, event) => {
    const { from } = toValue(options)
    const given: SubscribeOptions = {
      ...(event !== undefined && { event }),
      ...(from !== undefined && { from }),
      get params() {
        return toValue(options).params
      },
      onGap: (gap) => toValue(options).onGap?.(gap),
      onError: (error) => toValue(options).onError?.(error),
    }
    return channel?.subscribe(given, (message) => unref(handler)?.(message))
  })
  return { channel, status: useChannelStatus(channel) }
}
