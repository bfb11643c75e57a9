import { chance } from './checker.test-kit.ts'
import type { WireEvent } from './wire-checker.ts'

export const OLD = '000001aaaaaaaaaaaaa'
export const NEW = '000002bbbbbbbbbbbbb'

export const plain = (term: string, seq: number): string => `${String(seq).padStart(16, '0')}_${term}`
export const signed = (term: string, seq: number): string =>
  `${plain(term, seq)}.${term.slice(6)}${String(seq).padStart(3, '0')}`

export type Frame = Record<string, unknown>

export const message = (seq: number): Frame => ({ id: `m-${seq}`, time: 1, data: seq })

export const messages = (term: string, seq: number, items: Frame[], more: Frame = {}): Frame => {
  const last = items.reduce((sum, item) => sum + Number(item.skip ?? 1), seq) - 1
  return { type: 'messages', channel: 'room', term, seq, items, at: signed(term, last), ...more }
}

/** A session by hand: `>` from the client, `<` from the server. */
export function wire(...lines: (['>' | '<', Frame] | 'end')[]): WireEvent[] {
  return lines.map((line, at) => {
    if (line === 'end') return { at, session: 1, side: 'end' }
    return { at, session: 1, side: line[0] === '>' ? 'client' : 'server', frame: line[1] }
  })
}

export const hello: ['>' | '<', Frame][] = [
  ['>', { type: 'auth', id: 0, clientId: 'tab-1' }],
  ['<', { type: 'welcome', id: 0, session: 's' }],
]

export const subscribed = (
  id: number,
  position: string | null,
  more: Frame = {},
  asked: Frame = {},
): ['>' | '<', Frame][] => [
  ['>', { type: 'subscribe', id, channels: [{ channel: 'room', ...asked }] }],
  ['<', { type: 'ok', id, channels: [{ channel: 'room', position, recovered: true, ...more }] }],
]

export const lost = { reason: 'lost-tail', term: OLD, from: 4, to: 5, resumeAt: signed(OLD, 3) }

/** Everything that a session may hold, once. */
export const whole = (): WireEvent[] =>
  wire(
    ...hello,
    ...subscribed(1, signed(OLD, 2), {}, { resume: [signed(OLD, 2)] }),
    ['<', messages(OLD, 3, [message(3)], { replay: true })],
    ['<', messages(OLD, 4, [message(4), message(5)])],
    [
      '>',
      {
        type: 'publish',
        id: 2,
        channel: 'room',
        messages: [
          { id: 'm-6', data: 1 },
          { id: 'm-7', data: 1 },
        ],
      },
    ],
    ['<', messages(OLD, 6, [message(6), message(7)])],
    ['<', { type: 'ok', id: 2, term: OLD, seq: 6, at: signed(OLD, 7), time: 1, duplicate: false }],
    ['<', { type: 'heartbeat' }],
    ['<', { type: 'gap', channel: 'room', gap: lost }],
    [
      '<',
      messages(NEW, 4, [{ lost: { term: OLD, from: 4, to: 5 } }, { skip: 3 }, { poison: 'x' }, message(9)]),
    ],
    ['>', { type: 'ping', id: 3 }],
    ['<', { type: 'ok', id: 3 }],
    ['>', { type: 'history', id: 4, channel: 'room' }],
    [
      '<',
      {
        type: 'ok',
        id: 4,
        hasMore: false,
        runs: [
          { term: OLD, seq: 2, items: [message(2), message(3)] },
          { term: NEW, seq: 4, items: [{ skip: 5 }, message(9)] },
        ],
      },
    ],
    ['>', { type: 'unsubscribe', id: 5, channels: ['room'] }],
    ['<', messages(NEW, 10, [message(10)])],
    ['<', { type: 'ok', id: 5 }],
    'end',
  )

/** A long right session: live frames and replays, new subscriptions, gaps and commands in any order. */
export function randomSession(seed: number): WireEvent[] {
  const random = chance(seed)
  const lines: ['>' | '<', Frame][] = [...hello, ...subscribed(1, signed(OLD, 0))]
  let top = 0
  for (let id = 2; id < 40; id++) {
    const roll = random.below(10)
    if (roll < 5) {
      const items = Array.from({ length: 1 + random.below(4) }, (_, index) => message(top + index + 1))
      lines.push(['<', messages(OLD, top + 1, items)])
      top += items.length
    } else if (roll < 7) {
      const back = Math.min(top, random.below(3))
      const asked = { resume: [signed(OLD, top - back)] }
      lines.push(...subscribed(id, signed(OLD, top - back), {}, asked))
      if (back > 0)
        lines.push([
          '<',
          messages(
            OLD,
            top - back + 1,
            Array.from({ length: back }, (_, index) => message(top - back + index + 1)),
            { replay: true },
          ),
        ])
    } else if (roll < 8 && top > 2) {
      const gap = { reason: 'lost-tail', term: OLD, from: top, to: top, resumeAt: signed(OLD, top - 1) }
      lines.push(['<', { type: 'gap', channel: 'room', gap }])
      top -= 1
    } else lines.push(['>', { type: 'ping', id }], ['<', { type: 'ok', id }])
  }
  return wire(...lines)
}
