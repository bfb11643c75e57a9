/** From what the application published to what the frame carries. Pure. */
import { HoldfastError } from '../errors.ts'
import {
  channelName,
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
    const wrong = publishMessage.fault(message)
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

/** What a server counts of a publish. */
export interface Size {
  readonly messages: number
  /** Bytes of the largest message's data and meta. */
  readonly messageBytes: number
  /** Bytes of the whole frame, with room for what is around the messages. */
  readonly frameBytes: number
}

const AROUND_MESSAGES = 300

export function sizeOf(channel: string, messages: readonly PublishMessage[]): Size {
  return {
    messages: messages.length,
    messageBytes: Math.max(...messages.map(messageBytes)),
    frameBytes: AROUND_MESSAGES + bytesOf(channel) + bytesOf(messages),
  }
}

/** The error with which a server of these limits would answer, or null. */
export function limitError(size: Size, limits: WelcomeFrame['limits']): HoldfastError | null {
  const { messageBytes, batchMessages, frameBytes } = limits
  if (size.messages > batchMessages)
    return new HoldfastError('batch_too_large', { message: `A batch may have ${batchMessages} messages.` })
  if (size.messageBytes > messageBytes)
    return new HoldfastError('message_too_large', { message: `A message may have ${messageBytes} bytes.` })
  if (size.frameBytes > frameBytes)
    return new HoldfastError('message_too_large', { message: `A publish may have ${frameBytes} bytes.` })
  return null
}

function messageBytes({ data, encoding, meta }: PublishMessage): number {
  const metaBytes = meta ? bytesOf(meta) : 0
  if (!encoding) return metaBytes + bytesOf(data)
  const text = data as string
  return metaBytes + (text.length * 3) / 4 - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0)
}

function bytesOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length
}
