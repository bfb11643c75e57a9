import type {
  AnyContract,
  ChannelArgument,
  Client,
  EventName,
  EventsOf,
  MessageHandler,
  MessageListOptions,
  MessageListState,
  MessageOf,
} from '@holdfast/core'
import type { Readable } from 'svelte/store'
import { type UseChannel, type UseChannelOptions, useChannel } from './channel.svelte.ts'
import { Channel, type ChannelComponent } from './component.ts'
import { useHoldfast } from './context.svelte.ts'
import type { MaybeGetter } from './getter.ts'
import { type UseMessages, useMessages } from './messages.svelte.ts'
import { type UsePublish, usePublish } from './publish.svelte.ts'
import { channelStore } from './stores.svelte.ts'

declare const HINT: unique symbol
/** A channel's name where the contract has it, null, or a getter of either. */
type NameOf<C extends AnyContract, N extends string> =
  | MaybeGetter<ChannelArgument<C, N> | null>
  // Nothing that there is: it only has the compiler find the name that a getter returns.
  | ((() => N | null) & { readonly [HINT]: never })

/** The functions with the types of a contract: a wrong channel, event or payload does not compile. */
export interface ContractFunctions<C extends AnyContract> {
  useHoldfast(): Client<C>
  useChannel<const N extends string, E extends EventName<EventsOf<C, N>>>(
    name: NameOf<C, N>,
    event?: MaybeGetter<E | undefined>,
    handler?: MessageHandler<MessageOf<EventsOf<C, N>, E>>,
    options?: MaybeGetter<UseChannelOptions>,
  ): UseChannel<EventsOf<C, N>>
  useMessages<const N extends string, E extends EventName<EventsOf<C, N>> = EventName<EventsOf<C, N>>>(
    name: NameOf<C, N>,
    options?: MaybeGetter<MessageListOptions<E>>,
  ): UseMessages<MessageOf<EventsOf<C, N>, E>>
  usePublish<const N extends string>(name: NameOf<C, N>): UsePublish<EventsOf<C, N>>
  channelStore<const N extends string, E extends EventName<EventsOf<C, N>> = EventName<EventsOf<C, N>>>(
    client: Client<C>,
    name: ChannelArgument<C, N>,
    options?: MessageListOptions<E>,
  ): Readable<MessageListState<MessageOf<EventsOf<C, N>, E>>>
  readonly Channel: ChannelComponent<C>
}

/**
 * The functions for a contract, to be made once and imported from there. They are the same; only the types differ.
 *
 * @example
 * export const { useChannel, useMessages, usePublish } = withContract<typeof contract>()
 */
export function withContract<C extends AnyContract>(): ContractFunctions<C> {
  const functions = { useHoldfast, useChannel, useMessages, usePublish, channelStore, Channel }
  return functions as unknown as ContractFunctions<C>
}
