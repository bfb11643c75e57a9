export type {
  Binding,
  ChannelUse,
  Hydrated,
  Showing,
  ShownConnection,
  ShownMessages,
  ShownPublish,
  View,
} from './binding.ts'
export { keysOf } from './keys.ts'
export { type RoomServer, roomServer } from './room-server.ts'
export { bindingSuite } from './suite.ts'
