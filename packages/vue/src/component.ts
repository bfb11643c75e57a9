import type { MessageHandler } from '@holdfast/core'
import { type DefineSetupFnComponent, defineComponent } from 'vue'
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
 * <Channel channel="private-room" event="message" :handler="ring" :params="{ token }" @gap="refetch" />
 */
export const Channel: DefineSetupFnComponent<ChannelProps> = defineComponent(
  function Channel(props: ChannelProps) {
    useChannel(
      () => props.channel,
      () => props.event,
      (message) => props.handler?.(message),
      () => props,
    )
    return () => null
  },
  { props: ['channel', 'event', 'handler', 'from', 'params', 'onGap', 'onError'] },
)
