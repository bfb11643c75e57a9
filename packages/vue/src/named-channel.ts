import type { Channel, ChannelState } from '@holdfast/core'
import { type ComputedRef, computed, type MaybeRefOrGetter, markRaw, toValue } from 'vue'
import { useHoldfast } from './provider.ts'
import { useReadable } from './readable.ts'

const IDLE: ChannelState = { status: 'idle' }

/** The channel of a name, or null; opens nothing. */
export function useNamedChannel(name: MaybeRefOrGetter<string | null>): ComputedRef<Channel | null> {
  const client = useHoldfast()
  return computed(() => {
    const now = toValue(name)
    // A proxy of it could not reach its private fields.
    return now === null ? null : markRaw(client.channel(now))
  })
}

/** How a channel's subscription stands. */
export function useChannelStatus(channel: ComputedRef<Channel | null>): ComputedRef<ChannelState> {
  return useReadable(() => channel.value?.status$ ?? null, IDLE)
}
