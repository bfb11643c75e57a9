/**
 * holdfast.v1. A frame's first seq stands in its head and the position after its last item at its end, which gives the
 * count. The items of this load have one length, so the frame's length must say the same.
 */
import { randomUUID } from 'node:crypto'
import { SUBPROTOCOL } from '@holdfast/core/protocol'
import { channelName, PAYLOAD } from '../payload.ts'
import { type Dialect, KIND, PLACEHOLDER, readDigits } from './dialect.ts'

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

const KINDS: Readonly<Record<string, (typeof KIND)[keyof typeof KIND]>> = {
  w: KIND.ready,
  o: KIND.subscribed,
  m: KIND.messages,
  h: KIND.other,
  e: KIND.failure,
  g: KIND.failure,
  u: KIND.failure,
}

export const holdfastDialect: Dialect = {
  path: '/realtime',
  subprotocol: SUBPROTOCOL,
  firstOffset: 1,
  // A client that came again under its name would replace the one before.
  hello: () => JSON.stringify({ type: 'auth', id: 0, clientId: randomUUID(), token: TOKEN }),
  isReadyAtOnce: false,
  reply: null,
  kind: (bytes, start) =>
    KINDS[String.fromCharCode(bytes[start + '{"type":"'.length] as number)] ?? KIND.failure,
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
    const comma = bytes.indexOf(COMMA, start + SEQ_AT)
    run.first = readDigits(bytes, start + SEQ_AT, comma - start - SEQ_AT)
    const end = start + length
    const last = readDigits(bytes, end - 2 - TOKEN_LENGTH, 16)
    run.count = last - run.first + 1
    const itemsLength = end - TAIL_LENGTH - (comma + ITEMS.length)
    if (unit === 0) unit = (itemsLength + 1) / run.count
    return run.count > 0 && run.count * unit === itemsLength + 1 && unit > PAYLOAD.length
  },
}
