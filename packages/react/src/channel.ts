import type { Channel, ChannelState, MessageHandler } from '@holdfast/core'
import { useEffect, useInsertionEffect, useRef } from 'react'
import { useHoldfast } from './provider.tsx'
import { useReadable } from './readable.ts'

export interface UseChannel {
  /** Null while the name is. */
  readonly channel: Channel | null
  /** How the subscription stands; `idle` while the name is null. */
  readonly status: ChannelState
}

const IDLE: ChannelState = { status: 'idle' }

/**
 * Keeps a channel subscribed for the life of the component, and calls `handler` for every message, or for those of
 * `event`. The handler of the latest render is the one called; a new one causes no traffic. A null name means off.
 *
 * @example
 * const { status } = useChannel(`room:${id}`, 'message', (message) => ring(message))
 */
export function useChannel(name: string | null, event?: string, handler?: MessageHandler): UseChannel {
  const channel = useNamedChannel(name)
  const latest = useRef(handler)
  // Before every layout effect of this commit, so that no message meets the handler of an older render.
  useInsertionEffect(() => {
    latest.current = handler
  })
  useEffect(
    () => channel?.subscribe(event === undefined ? {} : { event }, (message) => latest.current?.(message)),
    [channel, event],
  )
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
