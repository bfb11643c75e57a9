import {
  type AnyEvents,
  type Channel,
  type EventMap,
  HoldfastError,
  type Publish,
  type PublishFailure,
} from '@holdfast/core'
import { type ComputedRef, computed, type MaybeRefOrGetter, shallowRef, triggerRef, watch } from 'vue'
import { Attempts } from './attempts.ts'
import { useNamedChannel } from './named-channel.ts'

export interface UsePublish<M extends EventMap = AnyEvents> {
  /** Publishes one message. Its failure also shows as `error`: the promise need not be caught, but for a Pinia store's. */
  readonly publish: Channel<M>['publish']
  /** Whether a publish of this component is not settled. */
  readonly isPending: ComputedRef<boolean>
  /** Why the last publish failed; null again with the next one. */
  readonly error: ComputedRef<PublishFailure['error'] | null>
  /** Tries the failed publish again under the same id; null where none failed. */
  readonly retry: ComputedRef<(() => Publish) | null>
}

/**
 * Publishes to a channel. With a null name `publish` throws.
 * @throws HoldfastError `bad_channel`, by `publish`
 */
export function usePublish(name: MaybeRefOrGetter<string | null>): UsePublish {
  const changed = (): void => triggerRef(attempts)
  // Beside the ref, for `publish`: an effect that publishes must not run again for what comes of it.
  let present = new Attempts(null, changed)
  const attempts = shallowRef(present)
  const renamed = (channel: Channel | null): void => {
    present = attempts.value = new Attempts(channel, changed)
  }
  watch(useNamedChannel(name), renamed, { immediate: true, flush: 'sync' })
  return {
    publish(event, data, options) {
      if (present.channel) return present.track(present.channel.publish(event, data, options))
      throw new HoldfastError('bad_channel', { message: 'There is no channel to publish to.' })
    },
    isPending: computed(() => attempts.value.pending > 0),
    error: computed(() => attempts.value.failure?.error ?? null),
    retry: computed(() => {
      const { value } = attempts
      const { failure } = value
      return failure && (() => value.track(failure.retry()))
    }),
  }
}
