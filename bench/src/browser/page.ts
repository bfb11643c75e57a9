/** Runs in Chromium: the client with the IndexedDB store, as a page would use it. */
import { createClient } from '@holdfast/core'
import { indexedDb } from '@holdfast/core/stores/indexeddb'
import { websocket } from '@holdfast/core/transports/websocket'
import type { Payload } from '../consumers/consumer.ts'
import { Receipt, type ReceiptResult } from '../receipt.ts'

export interface PageRequest {
  readonly channel: string
  readonly total: number
  readonly warmUp: number
  readonly token: string
}

/** The clock stops when the last message is in the store, not when the callback had it. */
export async function consume({ channel, total, warmUp, token }: PageRequest): Promise<ReceiptResult> {
  const store = indexedDb({ name: 'bench' })
  const client = createClient({
    transports: [websocket({ url: '/realtime' })],
    auth: async () => ({ token }),
    store,
  })
  const receipt = new Receipt(total, warmUp)
  client.channel(channel).subscribe((message) => receipt.take(Number((message.data as Payload).id)))
  client.connect()
  const result = await receipt.done
  const cached = await store.load(channel)
  const seconds = (performance.now() - result.startedAt) / 1_000
  const last = cached?.messages.at(-1)?.item
  const isStored = last !== undefined && 'data' in last && Number((last.data as Payload).id) === total - 1
  return {
    ...result,
    perSecond: (result.received - warmUp) / seconds,
    faults: isStored ? result.faults : [...result.faults, 'the store does not hold the last message'],
  }
}
