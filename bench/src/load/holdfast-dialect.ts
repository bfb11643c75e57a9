/**
 * holdfast.v1. A frame's first seq stands in its head. The items of this load have one length, which the first frame
 * tells, so that a frame's length gives their count: a wrong one would show in the next frame's first seq.
 */
import { randomUUID } from 'node:crypto'
import { SUBPROTOCOL } from '@holdfast/core/protocol'
import { channelName, PAYLOAD } from '../payload.ts'
import { type Dialect, KIND, type Kind, PLACEHOLDER, readDigits } from './dialect.ts'

const KIND_AT = '{"type":"'.length
const HEAD = '{"type":"messages","channel":"c'
const CHANNEL_END = '","term":"'
const TERM_LENGTH = 19
const ITEMS = ',"items":['
const SEQ_AT = HEAD.length + 3 + CHANNEL_END.length + TERM_LENGTH + '","seq":'.length
/** A signed position: 16 digits of seq, `_`, the term, `.`, a MAC of 16 characters. */
const TOKEN_LENGTH = 16 + 1 + TERM_LENGTH + 1 + 16
const TAIL_LENGTH = '],"at":"'.length + TOKEN_LENGTH + '"}'.length
const COMMA = 0x2c

/** The token that the server's `authenticate` hook wants to see. */
export const TOKEN = 'bench-token'

/** Characters of an item and the comma after it; 0 until the first frame told. */
let unit = 0

/** By the first letter of a frame's type. */
const KINDS: (Kind | undefined)[] = []
for (const [letter, kind] of [
  ['w', KIND.ready],
  ['o', KIND.subscribed],
  ['m', KIND.messages],
  ['h', KIND.other],
] as const) {
  KINDS[letter.charCodeAt(0)] = kind
}

export const holdfastDialect: Dialect = {
  path: '/realtime',
  subprotocol: SUBPROTOCOL,
  firstOffset: 1,
  // A client that came again under its name would replace the one before.
  hello: () => JSON.stringify({ type: 'auth', id: 0, clientId: randomUUID(), token: TOKEN }),
  isReadyAtOnce: false,
  reply: null,
  kind: (bytes, start) => KINDS[bytes[start + KIND_AT] as number] ?? KIND.failure,
  subscribe: (channels) => [
    JSON.stringify({
      type: 'subscribe',
      id: 1,
      channels: channels.map((channel) => ({ channel: channelName(channel) })),
    }),
  ],
  publish: (channel) =>
    `{"type":"publish","id":${PLACEHOLDER},"channel":"${channelName(channel)}",` +
    `"messages":[{"id":"bench-${PLACEHOLDER}","data":${PAYLOAD}}]}`,
  readRun(bytes, start, length, run) {
    run.channel = readDigits(bytes, start + HEAD.length, 3)
    let comma = start + SEQ_AT
    while (bytes[comma] !== COMMA) comma++
    run.first = readDigits(bytes, start + SEQ_AT, comma - start - SEQ_AT)
    const itemsLength = length - TAIL_LENGTH - (comma - start + ITEMS.length)
    if (unit === 0) unit = (itemsLength + 1) / (positionAfter(bytes, start + length) - run.first + 1)
    run.count = (itemsLength + 1) / unit
    return Number.isInteger(run.count) && unit > PAYLOAD.length
  },
}

/** The seq of the signed position at a frame's end. */
function positionAfter(bytes: Buffer, end: number): number {
  return readDigits(bytes, end - '"}'.length - TOKEN_LENGTH, 16)
}
