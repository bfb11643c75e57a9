export { type RoomServer, roomServer } from './room-server.ts'
export { type Binding, bindingSuite, type ChannelUse, type View } from './suite.ts'
