import type {
  AnyContract,
  ChannelArgument,
  EventName,
  EventsOf,
  MessageHandler,
  MessageOf,
} from '@holdfast/core'
import type { Component, ComponentConstructorOptions, SvelteComponent } from 'svelte'
import type { UseChannelOptions } from './channel.svelte.ts'
import Element from './component.svelte'

export interface ChannelProps<Name = string | null, Event = string, Handler = MessageHandler>
  extends UseChannelOptions {
  /** The channel's name; null means off. */
  readonly channel: Name
  /** Only messages of this event. */
  readonly event?: Event | undefined
  readonly handler?: Handler | undefined
}

/**
 * `useChannel` as an element that shows nothing.
 *
 * @example
 * <Channel channel="private-room" event="message" handler={(message) => ring(message)} params={{ token }} />
 */
export const Channel: Component<ChannelProps> = Element

/** The component for a contract. Svelte's tools know one with type parameters by its constructor. */
export interface ChannelComponent<C extends AnyContract> {
  new <const N extends string, E extends EventName<EventsOf<C, N>>>(
    options: ComponentConstructorOptions<
      ChannelProps<ChannelArgument<C, N> | null, E, MessageHandler<MessageOf<EventsOf<C, N>, E>>>
    >,
  ): SvelteComponent
}
