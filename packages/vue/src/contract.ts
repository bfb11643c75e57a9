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
import type { MaybeRef, MaybeRefOrGetter } from 'vue'
import { type UseChannel, type UseChannelOptions, useChannel } from './channel.ts'
import { Channel } from './component.ts'
import { type UseMessages, useMessages } from './messages.ts'
import { useHoldfast } from './provider.ts'
import { type UsePublish, usePublish } from './publish.ts'

declare const HINT: unique symbol
/** Nothing that there is: it only has the compiler find the name that a getter returns. */
type NameHint<N extends string> = (() => N | null) & { readonly [HINT]: never }

/** The composables with the types of a contract: a wrong channel, event or payload does not compile. */
export interface ContractComposables<C extends AnyContract> {
  useHoldfast(): Client<C>
  useChannel<const N extends string, E extends EventName<EventsOf<C, N>>>(
    name: MaybeRefOrGetter<ChannelArgument<C, N> | null> | NameHint<N>,
    event?: MaybeRefOrGetter<E | undefined>,
    handler?: MaybeRef<MessageHandler<MessageOf<EventsOf<C, N>, E>> | undefined>,
    options?: MaybeRefOrGetter<UseChannelOptions>,
  ): UseChannel<EventsOf<C, N>>
  useMessages<const N extends string, E extends EventName<EventsOf<C, N>> = EventName<EventsOf<C, N>>>(
    name: MaybeRefOrGetter<ChannelArgument<C, N> | null> | NameHint<N>,
    options?: MaybeRefOrGetter<MessageListOptions<E>>,
  ): UseMessages<MessageOf<EventsOf<C, N>, E>>
  usePublish<const N extends string>(
    name: MaybeRefOrGetter<ChannelArgument<C, N> | null> | NameHint<N>,
  ): UsePublish<EventsOf<C, N>>
  Channel<const N extends string, E extends EventName<EventsOf<C, N>>>(
    props: UseChannelOptions & {
      readonly channel: ChannelArgument<C, N> | null
      readonly event?: E
      readonly handler?: MessageHandler<MessageOf<EventsOf<C, N>, E>>
    },
  ): null
}

/**
 * The composables for a contract, to be made once and imported from there: the same functions, with its types.
 *
 * @example
 * export const { useChannel, useMessages, usePublish } = withContract<typeof contract>()
 */
export function withContract<C extends AnyContract>(): ContractComposables<C> {
  return { useHoldfast, useChannel, useMessages, usePublish, Channel } as unknown as ContractComposables<C>
}
