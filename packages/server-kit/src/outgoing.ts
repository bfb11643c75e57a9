/** Hooks on outgoing messages, applied to stored items. Channels without hooks never get here with a parsed item. */
import {
  DEFAULT_EVENT,
  dataOf,
  formatMessageItem,
  type Item,
  isMessageItem,
  type MessageItem,
  publishMessage,
  toWireData,
} from '@holdfast/core/protocol'
import type { ChannelSetup } from './channel.ts'
import type { HubContext } from './context.ts'
import type { ChannelContext, HookMessage, MessageChange } from './options.ts'

const WITHHELD = '{"skip":1}'

/** What all subscribers get. */
export function outgoing(
  context: HubContext,
  setup: ChannelSetup,
  bodies: readonly string[],
): readonly string[] {
  const { onMessage } = setup.config
  if (!onMessage) return bodies
  const channel = { channel: setup.name }
  return bodies.map((body) => change(context, body, (message) => onMessage(message, channel)))
}

/** What one subscriber gets of it. */
export function outgoingFor(
  context: HubContext,
  setup: ChannelSetup,
  bodies: readonly string[],
  subscriber: ChannelContext,
): readonly string[] {
  const { onMessageFor } = setup.config
  if (!onMessageFor) return bodies
  return bodies.map((body) => change(context, body, (message) => onMessageFor(message, subscriber)))
}

/** The application's view of an item. */
export function hookMessage(item: Omit<MessageItem, 'time'>): HookMessage {
  const { id, event = DEFAULT_EVENT, meta = null, sender = null } = item
  return { id, event, data: dataOf(item), meta, sender }
}

/** An item with a hook's changes. Throws a TypeError where the answer is none, so that nobody is sent what is no item. */
export function changed<I extends Omit<MessageItem, 'time'>>(item: I, answer: unknown): I {
  if (typeof answer !== 'object' || answer === null || 'then' in answer)
    throw new TypeError('a hook must answer with an object of changes, and one on outgoing messages at once')
  const change: MessageChange = answer
  const { event = item.event, meta } = change
  const { data, encoding, meta: oldMeta, event: _, ...rest } = item
  const next = {
    ...rest,
    ...(event === undefined ? {} : { event }),
    ...('data' in change ? toWireData(change.data ?? null) : { data, ...(encoding ? { encoding } : {}) }),
    ...(meta === null || (meta === undefined && oldMeta === undefined) ? {} : { meta: meta ?? oldMeta }),
  }
  const fault = publishMessage.fault(next)
  if (fault) throw new TypeError(`a hook's message${fault}`)
  return next as unknown as I
}

/** The JSON text of data that a hook may have put there. Throws a TypeError where it has none. */
export function textOf(data: unknown): string {
  const text = JSON.stringify(data)
  if (text === undefined) throw new TypeError("a hook's data must be JSON")
  return text
}

/** A hook that throws withholds the message: what may not be seen must not slip out through a bug. */
function change(context: HubContext, body: string, hook: (message: HookMessage) => unknown): string {
  try {
    const item = JSON.parse(body) as Item
    if (!isMessageItem(item)) return body
    const answer = hook(hookMessage(item))
    if (answer === undefined) return body
    if (answer === null) return WITHHELD
    const next = changed(item, answer)
    return formatMessageItem(next, textOf(next.data))
  } catch (error) {
    context.events.fail('onMessage', error)
    return WITHHELD
  }
}
