/** The commands that change what a client is subscribed to. */
import {
  encodeFrame,
  type StartPoint,
  type SubscribedItem,
  type SubscribeFrame,
  type SubscribeItem,
  startPoint,
  type UnsubscribeFrame,
} from '@holdfast/core/protocol'
import { allow } from './authorization.ts'
import { type Beginning, CatchUp } from './catch-up.ts'
import type { ChannelSetup } from './channel.ts'
import type { HubContext } from './context.ts'
import { HubError } from './errors.ts'
import { toWireError } from './failure.ts'
import type { Client, Session } from './session.ts'
import { NOT_KEPT, type Subscription } from './subscription.ts'

interface Subscribed {
  readonly item: SubscribedItem
  readonly subscription: Subscription | null
}

/** Subscribes to a list of channels: one answer with an item each, then what each of them missed. */
export async function subscribe(
  context: HubContext,
  session: Session,
  client: Client,
  frame: SubscribeFrame,
): Promise<void> {
  const subscribed = await Promise.all(
    frame.channels.map((item) => subscribeOne(context, session, client, item)),
  )
  const number = frame.client === undefined ? {} : { client: frame.client }
  const channels = subscribed.map(({ item }) => item)
  session.answer(encodeFrame({ type: 'ok', id: frame.id, ...number, channels }))
  for (const { subscription } of subscribed) {
    if (!subscription || subscription.isEnded) continue
    if (subscription.catchUp) subscription.catchUp.feed()
    else subscription.goLive()
    subscription.isTold = true
    context.events.emit('subscribe', { ...client.info, channel: subscription.channel.setup.name })
  }
}

export function unsubscribe(session: Session, client: Client, frame: UnsubscribeFrame): void {
  for (const channel of frame.channels) session.unsubscribe(client, channel)
  const number = frame.client === undefined ? {} : { client: frame.client }
  session.answer(encodeFrame({ type: 'ok', id: frame.id, ...number }))
}

async function subscribeOne(
  context: HubContext,
  session: Session,
  client: Client,
  item: SubscribeItem,
): Promise<Subscribed> {
  const { channel } = item
  let subscription: Subscription | null = null
  try {
    const setup = context.channels.setup(channel)
    // Before anything is awaited: an unsubscribe that follows finds it and ends it.
    subscription = session.subscribe(client, setup)
    const from = await admit(context, session, setup, item)
    if (subscription.isEnded)
      throw new HubError('not_subscribed', { message: 'It was unsubscribed again meanwhile.' })
    if (!setup.isDurable) return { subscription, item: ephemeralItem(item) }
    subscription.catchUp = new CatchUp(context, subscription)
    const { position, recovered, gap } = await subscription.catchUp.begin(
      beginningOf(context, setup, from, item),
    )
    return { subscription, item: { channel, position, recovered, ...(gap ? { gap } : {}) } }
  } catch (error) {
    if (subscription) session.drop(client, subscription)
    return { subscription: null, item: { channel, error: toWireError(context, error, 'subscribe') } }
  }
}

/** Asks authorize and the hook. Answers where to begin; null for a resume. */
async function admit(
  context: HubContext,
  session: Session,
  setup: ChannelSetup,
  { from = 'now', resume, params }: SubscribeItem,
): Promise<StartPoint | null> {
  const request = { ...session.hookContext(setup), clientParams: params ?? null }
  await allow(context, setup, request, 'subscribe')
  const start = resume ? null : from
  const { onSubscribe } = setup.config
  if (!onSubscribe) return start
  const answer = await onSubscribe({ ...request, from: start ?? 'resume' })
  if (answer === false) throw new HubError('forbidden')
  if (answer === undefined || answer === true) return start
  const fault = startPoint.fault(answer?.from)
  if (fault) throw new TypeError(`onSubscribe must answer true, false or { from }, which${fault}`)
  // A resume goes on where it stood: anywhere else would be a hole, or a repetition, that nobody is told of.
  return start === null ? null : answer.from
}

function beginningOf(
  context: HubContext,
  { key }: ChannelSetup,
  from: StartPoint | null,
  { resume = [] }: SubscribeItem,
): Beginning {
  const { offsets } = context
  if (from === null) return { type: 'resume', positions: resume.map((token) => offsets.present(key, token)) }
  if (from === 'now') return { type: 'now' }
  if (from === 'earliest') return { type: 'read', at: { from: 'earliest' } }
  if ('after' in from) return { type: 'resume', positions: [offsets.present(key, from.after)] }
  return { type: 'read', at: 'last' in from ? { last: from.last } : { since: from.since } }
}

/** Nothing is kept: who goes on from somewhere has missed whatever there was. */
function ephemeralItem({ channel, resume, from }: SubscribeItem): SubscribedItem {
  const goesOn = resume !== undefined || (typeof from === 'object' && 'after' in from)
  return { channel, position: null, recovered: !goesOn, ...(goesOn ? { gap: NOT_KEPT } : {}) }
}
