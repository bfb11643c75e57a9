/** Raw `ws`: messages as JSON, several or one a frame. */
import { channelName, FIRST_OFFSET, numberedPayload } from '../payload.ts'
import { plainAnswer, plainMessage, SEPARATOR } from '../targets/plain.ts'
import { type Blast, batches } from './blast.ts'

export function plainBlast(batch: number): Blast {
  const channel = channelName(0)
  const message = (number: number): string =>
    plainMessage(channel, FIRST_OFFSET + number, numberedPayload(number))
  return {
    frames: (total) =>
      batches(total, batch, (first, count) =>
        Array.from({ length: count }, (_, index) => message(first + index)).join(SEPARATOR),
      ),
    greeting: null,
    answer: () => ({ reply: plainAnswer(channel), isReady: true }),
  }
}
