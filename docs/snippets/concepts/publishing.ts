// #region outcome
import { PublishError } from '@holdfast/core'
// #endregion

// #region outbox
import { createClient } from '@holdfast/core'
import { indexedDb } from '@holdfast/core/stores/indexeddb'
import { websocket } from '@holdfast/core/transports/websocket'
// #endregion

import type { Client, ListedMessage } from '@holdfast/core'

export async function publish(client: Client) {
  // #region publish
  const room = client.channel('room:42')
  const { id, offset, timestamp, duplicate } = await room.publish('message', { text: 'hello' })
  // #endregion
  return { id, offset, timestamp, duplicate }
}

export async function publishOrOffer(
  client: Client,
  tell: (text: string) => void,
  offerAgain: (again: () => void) => void,
) {
  const room = client.channel('room:42')
  // #region outcome
  try {
    await room.publish('message', { text: 'hello' })
  } catch (error) {
    if (!(error instanceof PublishError)) throw error
    tell(`${error.hint} (${error.code}, ${error.outcome})`) // outcome: rejected or unknown
    offerAgain(error.retry) // under the same id: it is stored once
  }
  // #endregion
}

export function publishByHand(client: Client) {
  const room = client.channel('room:42')
  // #region handles
  const sending = room.publish('message', { text: 'hello' })
  sending.queued.then(() => console.log('it is in the outbox')) // on disk, where the outbox persists
  sending.catch(() => console.log('it failed, or was taken back'))
  const isBack = sending.cancel() // true unless a server may have it
  // #endregion
  return { sending, isBack }
}

export function clientWithOutbox() {
  // #region outbox
  const client = createClient({
    transports: [websocket({ url: '/realtime' })],
    store: indexedDb({ name: 'app' }),
    outbox: { persist: true, ttlMs: 3_600_000 }, // an hour
  })
  // #endregion
  return client
}

export function watchOutbox(client: Client, show: (count: number) => void) {
  // #region outbox-items
  client.outbox$.subscribe((items) => show(items.length)) // each: id, channel, messages, state, createdAt, publish
  // #endregion
}

export async function pay(client: Client, order: { readonly id: string; readonly total: number }) {
  // #region once
  const orders = client.channel('orders')
  await orders.publish('paid', order, { id: `paid-${order.id}` }) // however often this runs
  // #endregion
}

export async function publishTogether(client: Client) {
  const room = client.channel('room:42')
  // #region batch
  await room.publishBatch([
    { event: 'moved', data: { piece: 'rook', to: 'e1' } },
    { event: 'moved', data: { piece: 'king', to: 'g1' } },
  ])
  // #endregion
}

// #region if-top
async function addOne(client: Client, name: string): Promise<void> {
  const channel = client.channel(name)
  const { messages, end } = await channel.history({ limit: 1 })
  const count = Number(messages[0]?.data ?? 0)
  await channel.publish('count', count + 1, end === null ? {} : { ifTop: end })
}

// #endregion
export { addOne }

export function showTyping(client: Client) {
  const room = client.channel('typing:42')
  // #region volatile
  room.publish('typing', { name: 'Ann' }, { volatile: true }).catch(() => undefined)
  // #endregion
}

// #region optimistic
function labelOf({ local }: ListedMessage): string {
  if (!local) return '' // the log has it: it is everybody's
  if (local.state === 'failed') return `not sent: ${local.error?.hint}` // local.retry(), local.discard()
  return local.state === 'confirmed' ? 'sent' : 'sending…'
}

// #endregion
export { labelOf }
