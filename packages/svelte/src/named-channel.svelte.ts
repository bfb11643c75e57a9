import type { Channel, ChannelState } from '@holdfast/core'
import { useHoldfast } from './context.svelte.ts'
import { type MaybeGetter, toValue } from './getter.ts'
import { sourceOf, useSource } from './readable.svelte.ts'

/** The name of a channel, or a getter of it; null means off. */
export type ChannelName = MaybeGetter<string | null>

/** The channel of a name, or null; opens nothing. */
export function useNamedChannel(name: ChannelName): () => Channel | null {
  const client = useHoldfast()
  const channel = $derived.by(() => {
    const now = toValue(name)
    return now === null ? null : client.channel(now)
  })
  return () => channel
}

/** How a channel's subscription stands. */
export function useChannelStatus(channel: () => Channel | null): () => ChannelState {
  const source = () => {
    const now = channel()
    return now && sourceOf(now.status$)
  }
  return useSource<ChannelState>(source, { status: 'idle' })
}
