import type { MessageHandler } from '@holdfast/core'
import { type UseChannelOptions, useChannel } from './channel.ts'

export interface ChannelProps extends UseChannelOptions {
  /** The channel's name; null means off. */
  readonly channel: string | null
  /** Only messages of this event. */
  readonly event?: string
  readonly handler?: MessageHandler
}

/**
 * `useChannel` as an element that shows nothing.
 *
 * @example
 * <Channel channel="private-room" event="message" handler={(message) => ring(message)} params={{ token }} />
 */
export function Channel({ channel, event, handler, ...options }: ChannelProps): null {
  useChannel(channel, event, handler, options)
  return null
}
