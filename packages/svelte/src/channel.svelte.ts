import type {
  AnyEvents,
  Channel,
  ChannelState,
  EventMap,
  MessageHandler,
  SubscribeOptions,
} from '@holdfast/core'
import { untrack } from 'svelte'
import { gettersOf, type MaybeGetter, toValue } from './getter.ts'
import { type ChannelName, useChannelStatus, useNamedChannel } from './named-channel.svelte.ts'

/** Of a subscription, beside its event. */
export type UseChannelOptions = Omit<SubscribeOptions, 'event'>

export interface UseChannel<M extends EventMap = AnyEvents> {
  /** Null while the name is. */
  readonly channel: Channel<M> | null
  /** How the subscription stands; `idle` while the name is null. */
  readonly status: ChannelState
}

/**
 * Keeps a channel subscribed for the life of the component, and calls `handler` for every message, or for those of
 * `event`. The options are read when they are needed; other ones cause no traffic: `from` counts when the channel or
 * event is first used, and `params` when the server is next asked. A null name means off.
 *
 * @example
 * const room = useChannel(() => `room:${id}`, 'message', (message) => ring(message))
 */
export function useChannel(
  name: ChannelName,
  event?: MaybeGetter<string | undefined>,
  handler?: MessageHandler,
  options: MaybeGetter<UseChannelOptions> = {},
): UseChannel {
  const channel = useNamedChannel(name)
  const only = $derived(toValue(event))
  $effect(() => {
    const now = channel()
    const given = only === undefined ? {} : { event: only }
    // What is read from here on, by handlers too, is no reason to subscribe again.
    return untrack(() => now?.subscribe(latest(given), (message) => handler?.(message)))
  })
  const latest = (given: SubscribeOptions): SubscribeOptions => {
    const { from } = toValue(options)
    return {
      ...given,
      ...(from !== undefined && { from }),
      get params() {
        return toValue(options).params
      },
      onGap: (gap) => toValue(options).onGap?.(gap),
      onError: (error) => toValue(options).onError?.(error),
    }
  }
  return gettersOf<UseChannel>({ channel, status: useChannelStatus(channel) })
}
