/** What all targets carry: the same 100 bytes of JSON on channels with names of the same length. */

export const PAYLOAD_BYTES = 100

const head = '{"id":"0123456789","text":"'
const tail = '"}'

export const PAYLOAD: string = head + 'x'.repeat(PAYLOAD_BYTES - head.length - tail.length) + tail

/** Fixed in length, so that the frame counters find what they need at fixed places. */
export function channelName(index: number): string {
  return `c${String(index).padStart(3, '0')}`
}

/** Peers number messages a channel from here: always ten digits. */
export const FIRST_OFFSET = 1_000_000_000
