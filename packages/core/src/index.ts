/**
 * `@holdfast/core`: realtime channels that hold, in browsers and in Node.
 *
 * @packageDocumentation
 */
export { Channel, type LoadedChannel, type Unsubscribe } from './channel/channel.ts'
export type { HistoryOptions, HistoryPage } from './channel/history.ts'
export type { BatchHandler, From, MessageHandler, SubscribeOptions } from './channel/listener.ts'
export type { Gap, Message, MessageOf, MessageSource } from './channel/message.ts'
export type { ChannelState } from './channel/state.ts'
export { type Client, createClient, type Identity } from './client.ts'
export type { Auth } from './connection/actor.ts'
export type { Replacement } from './connection/connection.ts'
export type { ConnectionState, Status, StatusReason } from './connection/status.ts'
export type {
  AnyContract,
  AnyEvents,
  ChannelArgument,
  EventMap,
  EventName,
  EventsOf,
} from './contract/index.ts'
export { HoldfastError } from './errors.ts'
export type { ListedMessage, LocalState } from './list/local-messages.ts'
export {
  EMPTY_LIST,
  MessageList,
  type MessageListOptions,
  type MessageListState,
  type PlacedGap,
} from './list/message-list.ts'
export type { ClientOptions } from './options.ts'
export type { OutboxItem } from './outbox/outbox.ts'
export type {
  Publish,
  PublishAction,
  PublishFailure,
  PublishInput,
  PublishInputOf,
  PublishOptions,
  PublishResult,
} from './outbox/publish.ts'
export { PublishError } from './outbox/publish-error.ts'
export type { ErrorClass, ErrorCode, GapReason, RetryWhen } from './protocol/index.ts'
export { Readable } from './readable.ts'
export { outboxJournal } from './stores/journal.ts'
export { memoryStore } from './stores/memory.ts'
export type {
  CachedChannel,
  CachedMessage,
  ChannelRecord,
  Journal,
  JournalEntry,
  JournalOptions,
  OutboxRow,
  Store,
  StoreEvent,
} from './stores/store.ts'
export type { Socket, Transport, TransportClosure, TransportEvents } from './transports/transport.ts'
