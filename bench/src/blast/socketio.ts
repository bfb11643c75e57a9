/** Socket.IO's bytes, as its server sends them over the WebSocket transport: a message a frame. */
import { channelName, FIRST_OFFSET, numberedPayload } from '../payload.ts'
import { type Blast, batches } from './blast.ts'

const channel = channelName(0)

export const socketioBlast: Blast = {
  frames: (total) =>
    batches(
      total,
      1,
      (number) => `42["m",{"c":"${channel}","o":${FIRST_OFFSET + number},"d":${numberedPayload(number)}}]`,
    ),
  greeting: `0${JSON.stringify({ sid: 'bench', upgrades: [], pingInterval: 25_000, pingTimeout: 60_000, maxPayload: 1_000_000 })}`,
  answer: (text) =>
    text.startsWith('40')
      ? { reply: `40${JSON.stringify({ sid: 'bench' })}`, isReady: false }
      : { reply: null, isReady: text.startsWith('42') },
}
