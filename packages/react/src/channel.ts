import type {
  AnyEvents,
  Channel,
  ChannelState,
  EventMap,
  MessageHandler,
  SubscribeOptions,
} from '@holdfast/core'
import { useEffect, useInsertionEffect, useRef } from 'react'
import { useHoldfast } from './provider.tsx'
import { useReadable } from './readable.ts'

/** Of a subscription, beside its event. What of them is a function may be another with every render. */
export type UseChannelOptions = Omit<SubscribeOptions, 'event'>

export interface UseChannel<M extends EventMap = AnyEvents> {
  /** Null while the name is. */
  readonly channel: Channel<M> | null
  /** How the subscription stands; `idle` while the name is null. */
  readonly status: ChannelState
}

const IDLE: ChannelState = { status: 'idle' }

/**
 * Keeps a channel subscribed for the life of the component, and calls `handler` for every message, or for those of
 * `event`. The handler and the options of the latest render count; new ones cause no traffic, except that `from` counts
 * when the channel or event is first used, and `params` when the server is next asked. A null name means off.
 *
 * @example
 * const { status } = useChannel(`room:${id}`, 'message', (message) => ring(message))
 */
export function useChannel(
  name: string | null,
  event?: string,
  handler?: MessageHandler,
  options: UseChannelOptions = {},
): UseChannel {
  const channel = useNamedChannel(name)
  const latest = useRef({ handler, options })
  // Before every layout effect of this commit, so that no message meets the handler of an older render.
  useInsertionEffect(() => {
    latest.current = { handler, options }
  })
  useEffect(() => {
    const { from } = latest.current.options
    const given: SubscribeOptions = {
      ...(event !== undefined && { event }),
      ...(from !== undefined && { from }),
      get params() {
        return latest.current.options.params
      },
      onGap: (gap) => latest.current.options.onGap?.(gap),
      onError: (error) => latest.current.options.onError?.(error),
    }
    return channel?.subscribe(given, (message) => latest.current.handler?.(message))
  }, [channel, event])
  return { channel, status: useChannelStatus(channel) }
}

/** The channel of a name, or null; opens nothing. */
export function useNamedChannel(name: string | null): Channel | null {
  const client = useHoldfast()
  return name === null ? null : client.channel(name)
}

/** How a channel's subscription stands. */
export function useChannelStatus(channel: Channel | null): ChannelState {
  return useReadable(channel?.status$ ?? null, IDLE)
}
