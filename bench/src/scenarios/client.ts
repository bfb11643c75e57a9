/** How many messages a second one client process can take from a server that sends as fast as it can. */
import { BATCH, BLASTS } from '../blast/blast.ts'
import { TOKEN } from '../load/holdfast-dialect.ts'
import { channelName, PAYLOAD_BYTES } from '../payload.ts'
import { CORES, Worker } from '../process.ts'
import type { ReceiptResult } from '../receipt.ts'
import { count } from '../report/format.ts'
import type { Case, Metric, Sample, Scenario } from '../scenario.ts'

interface Size {
  readonly total: number
  /** Messages before the clock starts. */
  readonly warmUp: number
}

const METRICS: readonly Metric[] = [{ key: 'perSecond', title: 'messages/s', format: count }]

export const client: Scenario = ({ isQuick }): Case[] => {
  const size: Size = isQuick ? { total: 40_000, warmUp: 10_000 } : { total: 500_000, warmUp: 100_000 }
  const stored: Size = isQuick ? { total: 5_000, warmUp: 1_000 } : { total: 120_000, warmUp: 20_000 }
  return [
    {
      name: 'client process',
      setting:
        `one channel, memory store, ${PAYLOAD_BYTES} bytes of JSON; ${BATCH} messages a frame ` +
        'for Holdfast and ws-batched, one for ws and Socket.IO',
      targets: BLASTS,
      metrics: METRICS,
      gates: [{ metric: 'perSecond', target: 'holdfast', atLeast: 500_000 }],
      run: (target) => withBlaster(target, size.total, (port) => consumeInNode(target, port, size)),
    },
    {
      name: 'client in Chromium with IndexedDB',
      setting: `one channel, ${PAYLOAD_BYTES} bytes of JSON, ${BATCH} messages a frame; the browser is not pinned`,
      targets: ['holdfast'],
      metrics: METRICS,
      gates: [{ metric: 'perSecond', target: 'holdfast', atLeast: 20_000 }],
      run: (target) => withBlaster(target, stored.total, (port) => consumeInBrowser(port, stored)),
    },
  ]
}

/** Runs a server that sends `total` messages, and a client that takes them. */
async function withBlaster(
  name: string,
  total: number,
  consume: (port: number) => Promise<ReceiptResult>,
): Promise<Sample> {
  const server = new Worker('./blaster.ts', { core: CORES.server, args: [name, String(total)] })
  try {
    const { received, faults, perSecond } = await consume(await server.call<number>('port'))
    return {
      values: { perSecond },
      tally: { published: total, expected: total, delivered: received, faults },
    }
  } finally {
    await server.stop()
  }
}

async function consumeInNode(name: string, port: number, size: Size): Promise<ReceiptResult> {
  const consumer = new Worker('./consumer.ts', { core: CORES.load })
  try {
    return await consumer.call('run', { name, port, ...size })
  } finally {
    await consumer.stop()
  }
}

async function consumeInBrowser(port: number, size: Size): Promise<ReceiptResult> {
  const { consumeInChromium } = await import('../browser/chromium.ts')
  return consumeInChromium(`http://127.0.0.1:${port}/`, { channel: channelName(0), token: TOKEN, ...size })
}
