/** Socket.IO over its WebSocket transport: Engine.IO packet type, Socket.IO packet type, JSON. */
import { channelName, FIRST_OFFSET, PAYLOAD } from '../payload.ts'
import { type Dialect, KIND, readDigits } from './dialect.ts'

const sample = `42["m",{"c":"${channelName(0)}","o":${FIRST_OFFSET},"d":${PAYLOAD}}]`
const channelAt = sample.indexOf(channelName(0)) + 1
const offsetAt = sample.indexOf(String(FIRST_OFFSET))

export const socketioDialect: Dialect = {
  path: '/socket.io/?EIO=4&transport=websocket',
  subprotocol: null,
  firstOffset: FIRST_OFFSET,
  hello: null,
  isReadyAtOnce: false,
  // Engine.IO's open packet is answered by Socket.IO's connect.
  reply: '40',
  kind(bytes, start) {
    if (bytes[start] === 0x30) return KIND.greeting
    if (bytes[start] !== 0x34) return KIND.other
    if (bytes[start + 1] === 0x30) return KIND.ready
    if (bytes[start + 1] === 0x34) return KIND.failure
    return bytes[start + 4] === 0x6d ? KIND.messages : KIND.subscribed
  },
  subscribe: (channels) => channels.map((channel) => `42["sub","${channelName(channel)}"]`),
  publish: (channel) => `42["pub","${channelName(channel)}",${PAYLOAD}]`,
  readRun(bytes, start, length, run) {
    run.channel = readDigits(bytes, start + channelAt, 3)
    run.first = readDigits(bytes, start + offsetAt, 10)
    run.count = 1
    return length === sample.length
  },
}
