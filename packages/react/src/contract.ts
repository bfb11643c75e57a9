import type {
  AnyContract,
  ChannelArgument,
  Client,
  EventName,
  EventsOf,
  MessageHandler,
  MessageListOptions,
  MessageOf,
} from '@holdfast/core'
import { type UseChannel, type UseChannelOptions, useChannel } from './channel.ts'
import { Channel } from './component.ts'
import { type UseMessages, useMessages } from './messages.ts'
import { useHoldfast } from './provider.tsx'
import { type UsePublish, usePublish } from './publish.ts'

/** The hooks with the types of a contract: a wrong channel, event or payload does not compile. */
export interface ContractHooks<C extends AnyContract> {
  useHoldfast(): Client<C>
  useChannel<const N extends string, E extends EventName<EventsOf<C, N>>>(
    name: ChannelArgument<C, N> | null,
    event?: E,
    handler?: MessageHandler<MessageOf<EventsOf<C, N>, E>>,
    options?: UseChannelOptions,
  ): UseChannel<EventsOf<C, N>>
  useMessages<const N extends string, E extends EventName<EventsOf<C, N>> = EventName<EventsOf<C, N>>>(
    name: ChannelArgument<C, N> | null,
    options?: MessageListOptions<E>,
  ): UseMessages<MessageOf<EventsOf<C, N>, E>>
  usePublish<const N extends string>(name: ChannelArgument<C, N> | null): UsePublish<EventsOf<C, N>>
  Channel<const N extends string, E extends EventName<EventsOf<C, N>>>(
    props: UseChannelOptions & {
      readonly channel: ChannelArgument<C, N> | null
      readonly event?: E
      readonly handler?: MessageHandler<MessageOf<EventsOf<C, N>, E>>
    },
  ): null
}

/**
 * The hooks for a contract, to be made once and imported from there. They are the same functions; only the types differ.
 *
 * @example
 * export const { useChannel, useMessages, usePublish } = withContract<typeof contract>()
 */
export function withContract<C extends AnyContract>(): ContractHooks<C> {
  return { useHoldfast, useChannel, useMessages, usePublish, Channel } as unknown as ContractHooks<C>
}
