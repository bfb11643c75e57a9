/** Hooks on outgoing messages, applied to stored items. Channels without hooks never get here with a parsed item. */
import {
  DEFAULT_EVENT,
  dataOf,
  formatMessageItem,
  type Item,
  isMessageItem,
  type MessageItem,
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

/** An item with a hook's changes. */
export function changed<I extends Omit<MessageItem, 'time'>>(item: I, change: MessageChange): I {
  const { event = item.event, meta } = change
  const { data, encoding, meta: oldMeta, event: _, ...rest } = item
  return {
    ...rest,
    ...(event === undefined ? {} : { event }),
    ...('data' in change ? toWireData(change.data) : { data, ...(encoding ? { encoding } : {}) }),
    ...(meta === null || (meta === undefined && oldMeta === undefined) ? {} : { meta: meta ?? oldMeta }),
  } as unknown as I
}

/** A hook that throws withholds the message: what may not be seen must not slip out through a bug. */
function change(
  context: HubContext,
  body: string,
  hook: (message: HookMessage) => MessageChange | null | undefined,
): string {
  try {
    const item = JSON.parse(body) as Item
    if (!isMessageItem(item)) return body
    const answer = hook(hookMessage(item))
    if (answer === undefined) return body
    if (answer === null) return WITHHELD
    const next = changed(item, answer)
    return formatMessageItem(next, JSON.stringify(next.data ?? null))
  } catch (error) {
    context.events.fail('onMessage', error)
    return WITHHELD
  }
}
