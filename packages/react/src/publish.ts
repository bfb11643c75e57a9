import {
  type AnyEvents,
  type EventMap,
  type EventName,
  HoldfastError,
  type Publish,
  type PublishFailure,
  type PublishInput,
  type PublishOptions,
} from '@holdfast/core'
import { useCallback, useState } from 'react'
import { useNamedChannel } from './channel.ts'

export interface UsePublish<M extends EventMap = AnyEvents> {
  /** Publishes one message. Its failure also shows as `error`, so the promise need not be caught. */
  readonly publish: <E extends EventName<M>>(
    event: E,
    data: M[E]['input'],
    options?: PublishOptions & Pick<PublishInput, 'id' | 'meta'>,
  ) => Publish
  /** Whether a publish of this component is not settled. */
  readonly isPending: boolean
  /** Why the last publish failed; null again with the next one. */
  readonly error: PublishFailure['error'] | null
  /** Tries the failed publish again under the same id; null where none failed. */
  readonly retry: (() => Publish) | null
}

interface Attempts {
  readonly channel: string | null
  /** Those of this channel since its name was set. */
  readonly pending: ReadonlySet<Publish>
  readonly failure: PublishFailure | null
}

const NONE: ReadonlySet<Publish> = new Set()

/**
 * Publishes to a channel. With a null name `publish` throws.
 * @throws HoldfastError `bad_channel`, by `publish`
 */
export function usePublish(name: string | null): UsePublish {
  const channel = useNamedChannel(name)
  const [attempts, setAttempts] = useState<Attempts>({ channel: name, pending: NONE, failure: null })
  const track = useCallback(
    (publish: Publish): Publish => {
      const settled = (failure: PublishFailure | null): void =>
        setAttempts((now) => {
          if (!now.pending.has(publish)) return now
          const pending = new Set(now.pending)
          pending.delete(publish)
          return { ...now, pending, failure: failure ?? now.failure }
        })
      setAttempts((now) => ({
        channel: name,
        pending: new Set(now.channel === name ? now.pending : NONE).add(publish),
        failure: null,
      }))
      publish.then(() => settled(null), settled)
      return publish
    },
    [name],
  )
  const publish = useCallback<UsePublish['publish']>(
    (event, data, options) => {
      if (!channel) throw new HoldfastError('bad_channel', { message: 'There is no channel to publish to.' })
      return track(channel.publish(event, data, options))
    },
    [channel, track],
  )
  const { pending, failure } = attempts.channel === name ? attempts : { pending: NONE, failure: null }
  const retry = failure && (() => track(failure.retry()))
  return { publish, isPending: pending.size > 0, error: failure?.error ?? null, retry }
}
