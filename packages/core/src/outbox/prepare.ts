/** From what the application published to what the frame carries. Pure. */
import { HoldfastError } from '../errors.ts'
import {
  decodeBase64,
  isChannelName,
  jsonCopy,
  MAX_LIST,
  MESSAGE_ID,
  type PublishMessage,
  parseOffset,
  toWireData,
  type WelcomeFrame,
} from '../protocol/index.ts'
import type { PublishInput, PublishOptions } from './publish.ts'

/** The messages as they travel: a copy, so that what the application changes later changes nothing here. */
export function prepare(
  channel: string,
  inputs: readonly PublishInput[],
  { ifTop, ttlMs = 0 }: PublishOptions,
  newId: () => string,
): readonly PublishMessage[] {
  if (!isChannelName(channel)) throw new HoldfastError('bad_channel')
  if (ifTop !== undefined && !(typeof ifTop === 'string' && parseOffset(ifTop)))
    throw new HoldfastError('bad_cursor')
  if (!(ttlMs >= 0)) throw bad('ttlMs')
  if (inputs.length > MAX_LIST) throw new HoldfastError('batch_too_large')
  const messages = jsonCopy(
    inputs.map(({ id, event, data, meta }) => ({ id: id ?? newId(), event, ...toWireData(data), meta })),
    bad,
  ) as PublishMessage[]
  if (messages.length === 0) throw bad('there is no message')
  for (const message of messages) {
    const { id, event = 'message', meta = {} } = message
    if (!('data' in message)) throw bad('data is undefined')
    if (!(typeof id === 'string' && MESSAGE_ID.test(id))) throw bad('id')
    if (!(typeof event === 'string' && event && event.length <= 200)) throw bad('event')
    if (typeof meta !== 'object' || !meta || Array.isArray(meta)) throw bad('meta')
  }
  if (new Set(messages.map(({ id }) => id)).size < messages.length) throw bad('two have the same id')
  return messages
}

function bad(fault: string, cause?: unknown): HoldfastError {
  return new HoldfastError('bad_message', { message: `The message cannot be sent: ${fault}.`, cause })
}

/** Bytes of a frame around its channel and messages, at most: with `ifTop` and four claims it comes to 406. */
const AROUND_BYTES = 500
/** A UTF-16 unit takes at most three bytes. */
const MOST_BYTES = 3

/** The error with which a server of these limits would answer, or null. */
export function limitError(
  channel: string,
  messages: readonly PublishMessage[],
  { messageBytes, batchMessages, frameBytes }: WelcomeFrame['limits'],
): HoldfastError | null {
  if (messages.length > batchMessages)
    return new HoldfastError('batch_too_large', { message: `A batch may have ${batchMessages} messages.` })
  const text = channel + JSON.stringify(messages)
  // Most need not be measured.
  if (text.length * MOST_BYTES + AROUND_BYTES <= Math.min(messageBytes, frameBytes)) return null
  const most = messages.some((message) => payloadBytes(message) > messageBytes)
    ? messageBytes
    : bytesOf(text) + AROUND_BYTES > frameBytes && frameBytes
  return most ? new HoldfastError('message_too_large', { message: `The server takes ${most} bytes.` }) : null
}

/** What a server counts of a message: its data, decoded, and its meta. */
function payloadBytes({ data, encoding, meta }: PublishMessage): number {
  const metaBytes = meta ? bytesOf(JSON.stringify(meta)) : 0
  return metaBytes + (encoding ? decodeBase64(data as string).length : bytesOf(JSON.stringify(data)))
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length
}
