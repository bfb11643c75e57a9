export { EncodedFrame } from './encoded-frame.ts'
export { attachWebSocket, type WebSocketOptions } from './endpoints/websocket.ts'
export { HubError, type HubErrorDetails } from './errors.ts'
export type { ClientInfo, HubEvent, HubEvents } from './events.ts'
export type { HistoryOptions, HistoryPage, StoredMessage, StoredMessageOf } from './history.ts'
export {
  type BatchMessage,
  type BatchMessageOf,
  createHub,
  type Hub,
  type HubHealth,
  type PublishOptions,
  type PublishResult,
} from './hub.ts'
export type { Limits } from './limits.ts'
export type { Link, RequestInfo } from './link.ts'
export * from './log/log.ts'
export { memoryLog } from './log/memory.ts'
export { sqliteLog } from './log/sqlite.ts'
export { jsonLogger, type Logger } from './logger.ts'
export { expressMount, type Middleware } from './mounts/express.ts'
export { type ServeOptions, type Serving, serve } from './mounts/node.ts'
export type {
  AuthenticateRequest,
  AuthorizeRequest,
  ChannelConfig,
  ChannelConfigs,
  ChannelContext,
  HookMessage,
  HookMessageOf,
  HubMutant,
  HubOptions,
  Identity,
  MessageChange,
} from './options.ts'
export type { Session } from './session.ts'
