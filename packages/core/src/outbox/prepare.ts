/** From what the application published to what the frame carries. Pure. */
import { HoldfastError } from '../errors.ts'
import {
  channelName,
  decodeBase64,
  jsonFault,
  MAX_LIST,
  type PublishMessage,
  publishMessage,
  toWireData,
  type WelcomeFrame,
} from '../protocol/index.ts'
import type { PublishInput } from './publish.ts'

/** The messages as they travel: a copy, so that what the application changes later changes nothing here. */
export function prepare(
  channel: string,
  inputs: readonly PublishInput[],
  newId: () => string,
): readonly PublishMessage[] {
  const fault = channelName.fault(channel)
  if (fault) throw new HoldfastError('bad_channel', { message: `The channel's name${fault}.` })
  if (inputs.length === 0) throw bad('There is no message to publish.')
  if (inputs.length > MAX_LIST) throw new HoldfastError('batch_too_large')
  const text = jsonText(inputs.map((input) => wireMessage(input, newId)))
  // The frame has as many braces around them as this.
  const unsound = jsonFault(`{"messages":${text}}`)
  if (unsound) throw bad(`The message has ${unsound}.`)
  const messages = JSON.parse(text) as PublishMessage[]
  for (const message of messages) {
    const wrong = 'data' in message ? publishMessage.fault(message) : ' has no data'
    if (wrong) throw bad(`The message${wrong}.`)
  }
  if (new Set(messages.map(({ id }) => id)).size < messages.length)
    throw bad('Two messages of a batch have the same id.')
  return messages
}

function wireMessage({ id, event, data, meta }: PublishInput, newId: () => string): object {
  if (data === undefined) throw bad('The message has no data; publish null where there is none.')
  return { id: id ?? newId(), event, ...toWireData(data), meta }
}

function jsonText(messages: readonly object[]): string {
  try {
    return JSON.stringify(messages, refuseLoss)
  } catch (cause) {
    if (cause instanceof HoldfastError) throw cause
    throw new HoldfastError('bad_message', { cause })
  }
}

/** What `JSON.stringify` would leave out or replace without a word. */
function refuseLoss(key: string, value: unknown): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') throw bad(`${key} is a ${typeof value}.`)
  if (typeof value === 'number' && !Number.isFinite(value)) throw bad(`${key} is ${value}.`)
  return value
}

function bad(message: string): HoldfastError {
  return new HoldfastError('bad_message', { message })
}

/** Bytes of a frame around its channel and messages, at most. */
const AROUND_BYTES = 300
/** A UTF-16 unit takes at most three bytes. */
const MOST_BYTES = 3

/** The error with which a server of these limits would answer, or null. */
export function limitError(
  channel: string,
  messages: readonly PublishMessage[],
  limits: WelcomeFrame['limits'],
): HoldfastError | null {
  const { messageBytes, batchMessages, frameBytes } = limits
  if (messages.length > batchMessages)
    return new HoldfastError('batch_too_large', { message: `A batch may have ${batchMessages} messages.` })
  const text = JSON.stringify(messages)
  const around = AROUND_BYTES + bytesOf(channel)
  // Most need not be measured.
  if (text.length * MOST_BYTES + around <= Math.min(messageBytes, frameBytes)) return null
  if (messages.some((message) => payloadBytes(message) > messageBytes))
    return new HoldfastError('message_too_large', { message: `A message may have ${messageBytes} bytes.` })
  if (bytesOf(text) + around > frameBytes)
    return new HoldfastError('message_too_large', { message: `A publish may have ${frameBytes} bytes.` })
  return null
}

/** What a server counts of a message: its data, decoded, and its meta. */
function payloadBytes({ data, encoding, meta }: PublishMessage): number {
  const metaBytes = meta ? bytesOf(JSON.stringify(meta)) : 0
  return metaBytes + (encoding ? decodeBase64(data as string).length : bytesOf(JSON.stringify(data)))
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length
}
