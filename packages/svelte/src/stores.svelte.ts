import { type Client, MessageList, type MessageListOptions, type MessageListState } from '@holdfast/core'
import { type Readable, readable } from 'svelte/store'
import { type ConnectionStatus, INITIAL, isConnected } from './connection.ts'
import { type Source, sourceOf } from './readable.svelte.ts'

/**
 * The latest messages of a channel, as `useMessages` has them, as a store: filled while somebody is subscribed to it.
 *
 * @example
 * const room = channelStore(client, 'room:1')
 * // {#each $room.messages as message (message.id)} … {/each}
 */
export function channelStore(
  client: Client,
  name: string,
  options: MessageListOptions = {},
): Readable<MessageListState> {
  const list = new MessageList(client, name, options)
  return storeOf(list, list.initial, (state) => state)
}

/** The state of the client's connection as a store. Being subscribed to it connects nothing. */
export function statusStore({ status$ }: Client): Readable<ConnectionStatus> {
  return storeOf(sourceOf(status$), INITIAL, (state) => ({ ...state, isConnected: isConnected(state) }))
}

function storeOf<S, T>(source: Source<S>, initial: S, shown: (state: S) => T): Readable<T> {
  return readable(shown(initial), (set) => {
    const show = (): void => set(shown(source.state))
    // A root runs at once, and on a server not at all.
    return $effect.root(() => {
      const stop = source.watch(show)
      show()
      return stop
    })
  })
}
