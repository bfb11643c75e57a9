import {
  type AnyEvents,
  type Channel,
  type EventMap,
  HoldfastError,
  type Publish,
  type PublishFailure,
} from '@holdfast/core'
import { untrack } from 'svelte'
import { Attempts } from './attempts.svelte.ts'
import { gettersOf } from './getter.ts'
import { type ChannelName, useNamedChannel } from './named-channel.svelte.ts'

export interface UsePublish<M extends EventMap = AnyEvents> {
  /** Publishes one message. Its failure also shows as `error`, so the promise need not be caught. */
  readonly publish: Channel<M>['publish']
  /** Whether a publish of this component is not settled. */
  readonly isPending: boolean
  /** Why the last publish failed; null again with the next one. */
  readonly error: PublishFailure['error'] | null
  /** Tries the failed publish again under the same id; null where none failed. */
  readonly retry: (() => Publish) | null
}

/**
 * Publishes to a channel. With a null name `publish` throws.
 * @throws HoldfastError `bad_channel`, by `publish`
 */
export function usePublish(name: ChannelName): UsePublish {
  const channel = useNamedChannel(name)
  // Another channel has its own.
  const now = $derived({ channel: channel(), attempts: new Attempts() })
  const publish: UsePublish['publish'] = (...given) => {
    const { channel, attempts } = untrack(() => now)
    if (channel) return attempts.track(() => channel.publish(...given))
    throw new HoldfastError('bad_channel', { message: 'There is no channel to publish to.' })
  }
  return gettersOf<UsePublish>({
    publish: () => publish,
    isPending: () => now.attempts.isPending,
    error: () => now.attempts.error,
    retry: () => now.attempts.retry,
  })
}
