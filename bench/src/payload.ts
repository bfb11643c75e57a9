/** What all targets carry: the same 100 bytes of JSON on channels with names of the same length. */

export const PAYLOAD_BYTES = 100

/** The payload of a message that carries a number of up to ten digits. */
export function numberedPayload(number: number): string {
  const head = `{"id":"${String(number).padStart(10, '0')}","text":"`
  const tail = '"}'
  return head + 'x'.repeat(PAYLOAD_BYTES - head.length - tail.length) + tail
}

export const PAYLOAD: string = numberedPayload(0)

/** Fixed in length, so that the frame counters find what they need at fixed places. */
export function channelName(index: number): string {
  return `c${String(index).padStart(3, '0')}`
}

/** Peers number messages a channel from here: always ten digits. */
export const FIRST_OFFSET = 1_000_000_000
