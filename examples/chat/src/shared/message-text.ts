import type { ChannelState, ListedMessage, LocalState, Message } from '@holdfast/core'
import type { ChatData } from './contract.ts'

/** A message as a pane lists it. */
export type ChatMessage = ListedMessage<Message<ChatData>>

const SOURCES: Readonly<Record<ChatMessage['source'], string | null>> = {
  live: null,
  replay: 'replayed',
  cache: 'from cache',
  local: null,
}
const STATES: Readonly<Record<LocalState['state'], string>> = {
  pending: 'waiting',
  confirmed: 'sent',
  failed: 'not sent',
}
const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })

/** How a message came here, or how far it has come; null where there is nothing to say. */
export function noteOf({ source, local }: ChatMessage): string | null {
  return local ? STATES[local.state] : SOURCES[source]
}

export const timeOf = ({ timestamp }: ChatMessage): string => TIME.format(timestamp)

/** What stands in place of the messages where there are none. */
export function emptyText(status: ChannelState, isLoading: boolean): string {
  if (status.status === 'denied') return `You cannot enter: ${status.error.message}`
  return isLoading ? 'Entering the room…' : 'Nothing was said here yet.'
}
