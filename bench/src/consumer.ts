/** The client process of the client scenario: takes all messages by a library's own callback, and checks each. */
import type { BlastName } from './blast/blast.ts'
import type { Consume } from './consumers/consumer.ts'
import { channelName } from './payload.ts'
import { answerCalls } from './process.ts'
import { Receipt, type ReceiptResult } from './receipt.ts'

const CONSUMERS: Readonly<Record<BlastName, () => Promise<{ readonly consume: Consume }>>> = {
  'ws-batched': () => import('./consumers/ws.ts'),
  holdfast: () => import('./consumers/holdfast.ts'),
  ws: () => import('./consumers/ws.ts'),
  socketio: () => import('./consumers/socketio.ts'),
}

interface ConsumeRequest {
  readonly name: BlastName
  readonly port: number
  readonly total: number
  /** Messages before the clock starts. */
  readonly warmUp: number
}

async function run({ name, port, total, warmUp }: ConsumeRequest): Promise<ReceiptResult> {
  const { consume } = await CONSUMERS[name]()
  const receipt = new Receipt(total, warmUp)
  consume(port, channelName(0), ({ id }) => receipt.take(Number(id)))
  return receipt.done
}

answerCalls({ run })
