/** A hub's bytes: the welcome, the subscription, and `messages` frames of several items. */
import {
  type ClientFrame,
  encodeFrame,
  formatMessageItem,
  formatOffset,
  formatTerm,
  type ServerFrame,
} from '@holdfast/core/protocol'
import { channelName, numberedPayload } from '../payload.ts'
import { BATCH, type Blast, batches } from './blast.ts'

const channel = channelName(0)
const term = formatTerm(1, 'bench00000000')
/** The client keeps a MAC and does not check it. */
const signed = (seq: number): string => `${formatOffset({ term, seq })}.${'A'.repeat(16)}`
const time = 1_700_000_000_000

function item(number: number): string {
  return formatMessageItem({ id: `bench-${number}`, time, sender: 'bench' }, numberedPayload(number))
}

function answer(frame: ClientFrame): ServerFrame {
  const { id } = frame
  if (frame.type === 'subscribe') {
    const channels = frame.channels.map((asked) => ({
      channel: asked.channel,
      position: signed(0),
      recovered: true,
    }))
    return { type: 'ok', id, channels }
  }
  if (frame.type !== 'auth') return { type: 'ok', id }
  return {
    type: 'welcome',
    id,
    session: 'bench',
    node: 'bench',
    app: 'default',
    identity: { id: 'bench', isAnonymous: false },
    time,
    heartbeatMs: 25_000,
    idempotencyMs: 900_000,
    limits: {
      frameBytes: 1_048_576,
      messageBytes: 65_536,
      batchMessages: 1_000,
      channels: 1_000,
      commands: 256,
    },
    features: [],
  }
}

export const holdfastBlast: Blast = {
  frames: (total) =>
    batches(total, BATCH, (first, count) => {
      const items = Array.from({ length: count }, (_, index) => item(first + index)).join(',')
      const head = `{"type":"messages","channel":"${channel}","term":"${term}","seq":${first + 1}`
      return `${head},"items":[${items}],"at":"${signed(first + count)}"}`
    }),
  greeting: null,
  answer(text) {
    const frame = JSON.parse(text) as ClientFrame
    return { reply: encodeFrame(answer(frame)), isReady: frame.type === 'subscribe' }
  },
}
