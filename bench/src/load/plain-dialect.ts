/** The raw `ws` programs: messages have one length, so a frame's length tells how many it holds. */
import { channelName, FIRST_OFFSET, PAYLOAD } from '../payload.ts'
import { plainMessage, SEPARATOR } from '../targets/plain.ts'
import { type Dialect, KIND, readDigits } from './dialect.ts'

const sample = plainMessage(channelName(0), FIRST_OFFSET, PAYLOAD)
const channelAt = sample.indexOf(channelName(0)) + 1
const offsetAt = sample.indexOf(String(FIRST_OFFSET))
const typeAt = sample.indexOf('m')
const unit = sample.length + SEPARATOR.length

export const plainDialect: Dialect = {
  path: '/',
  subprotocol: null,
  firstOffset: FIRST_OFFSET,
  hello: null,
  isReadyAtOnce: true,
  reply: null,
  // "m" of a message or "o" of an ok
  kind: (bytes, start) => (bytes[start + typeAt] === 0x6d ? KIND.messages : KIND.subscribed),
  subscribe: (channels) => channels.map((channel) => `{"t":"sub","c":"${channelName(channel)}"}`),
  publish: (channel) => `{"t":"pub","c":"${channelName(channel)}","d":${PAYLOAD}}`,
  readRun(bytes, start, length, run) {
    run.channel = readDigits(bytes, start + channelAt, 3)
    run.first = readDigits(bytes, start + offsetAt, 10)
    run.count = (length + SEPARATOR.length) / unit
    return Number.isInteger(run.count)
  },
}
