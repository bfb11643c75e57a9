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
export { type RoomServer, roomServer } from './room-server.ts'
export { bindingSuite } from './suite.ts'
