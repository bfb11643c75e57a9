// #region list
import { MessageList } from '@holdfast/core'
// #endregion

import type { Client, Gap, Message, MessageListState } from '@holdfast/core'

export function read(client: Client, show: (text: string) => void) {
  const room = client.channel('room:42')
  // #region message
  room.subscribe((message) => {
    const { text } = message.data as { text: string } // a contract gives it its type
    show(`${message.sender}: ${text}`)
  })
  // #endregion
}

export async function resume(client: Client, show: (message: Message) => void) {
  // #region load
  const room = client.channel('room:42')
  const { messages, lastOffset } = await room.load() // from the store, asks no server
  messages.forEach(show) // source: 'cache'
  room.subscribe({ from: lastOffset ?? { last: 50 } }, show) // what was missed, then live
  // #endregion
}

// #region gap-text
function textOf({ reason, from, to }: Gap): string {
  if (from !== null && to !== null) return `${to - from + 1} messages are gone`
  if (reason === 'not-kept') return 'You may have missed something'
  return 'Something is missing here'
}
// #endregion

export function readWithGaps(client: Client, show: (text: string) => void) {
  const room = client.channel('room:42')
  // #region gap
  room.subscribe({ onGap: (gap) => show(textOf(gap)) }, (message) => show(String(message.data)))
  // #endregion
}

export function refetchAtGaps(client: Client, refetch: () => void) {
  const room = client.channel('room:42')
  // #region gap-refetch
  room.gap$.subscribe(() => refetch())
  // #endregion
  room.subscribe(() => undefined)
}

// #region history
async function allOf(client: Client, name: string): Promise<Message[]> {
  const channel = client.channel(name)
  let page = await channel.history({ limit: 100 }) // the newest
  const messages = [...page.messages]
  while (page.hasMore && page.start) {
    page = await channel.history({ limit: 100, before: page.start })
    messages.unshift(...page.messages)
  }
  return messages
}

// #endregion
export { allOf }

export function readBatches(client: Client, append: (messages: readonly Message[]) => void) {
  const room = client.channel('room:42')
  // #region batches
  room.subscribeBatches({ from: 'earliest' }, (messages) => append(messages)) // one call for what arrived together
  // #endregion
}

export async function sendBytes(client: Client, bytes: Uint8Array) {
  // #region bytes
  await client.channel('room:42').publish('picture', bytes) // arrives as a Uint8Array
  // #endregion
}

export function keepList(client: Client, render: (state: MessageListState) => void) {
  // #region list
  const list = new MessageList(client, 'room:42', { limit: 100 })
  const stop = list.watch(() => render(list.state)) // messages, gaps, isLoading, error
  // #endregion
  return stop
}
