import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chance } from './checker.test-kit.ts'
import {
  type Frame,
  hello,
  lost,
  message,
  messages,
  NEW,
  OLD,
  plain,
  randomSession,
  signed,
  subscribed,
  whole,
  wire,
} from './wire-checker.test-kit.ts'
import { checkWire, type WireEvent } from './wire-checker.ts'

const rulesOf = (events: readonly WireEvent[]): string[] => [
  ...new Set(checkWire(events).map(({ rule }) => rule)),
]

describe('right sessions', () => {
  it('pass', () => {
    expect(checkWire(whole())).toEqual([])
  })

  it('may end before the answers, refuse, overlap, and leave a frame of a newer term to a new subscribe', () => {
    const cut = wire(['>', { type: 'auth', id: 0, clientId: 'a' }], 'end')
    const refused = wire(
      ['>', { type: 'auth', id: 0, clientId: 'a' }],
      ['<', { type: 'error', id: 0, error: {} }],
      ['<', { type: 'error', error: {} }],
      'end',
    )
    const overlap = wire(
      ...hello,
      ...subscribed(1, signed(OLD, 5)),
      ['<', messages(OLD, 4, [message(4), message(5), message(6)])],
      ['<', messages(NEW, 6, [message(6)])],
      ['<', messages(NEW, 8, [message(8)])],
      ...subscribed(2, signed(OLD, 6), {}, { resume: [signed(OLD, 6)] }),
      ['<', messages(OLD, 7, [message(7)])],
    )
    for (const events of [cut, refused, overlap]) expect(checkWire(events)).toEqual([])
  })

  it('pass with ephemeral channels and several clients', () => {
    const events = wire(
      ...hello,
      ['>', { type: 'auth', id: 1, client: 2, clientId: 'b' }],
      ['<', { type: 'welcome', id: 1, client: 2 }],
      ['>', { type: 'subscribe', id: 2, client: 2, channels: [{ channel: 'room' }] }],
      [
        '<',
        { type: 'ok', id: 2, client: 2, channels: [{ channel: 'room', position: null, recovered: true }] },
      ],
      ['<', { type: 'messages', channel: 'room', items: [message(1)] }],
      ['<', { type: 'messages', channel: 'room', client: 2, items: [message(2)] }],
      ['>', { type: 'detach', id: 3, client: 2 }],
      ['<', { type: 'ok', id: 3, client: 2 }],
    )
    expect(checkWire(events)).toEqual([])
    const late: WireEvent = {
      at: 9,
      session: 1,
      side: 'server',
      frame: { type: 'messages', channel: 'room', items: [message(3)] },
    }
    expect(rulesOf([...events, late])).toEqual(['wire-subscription'])
  })

  it('pass however long they are', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        expect(checkWire(randomSession(seed))).toEqual([])
      }),
      { numRuns: 500 },
    )
  })
})

type Change = (frame: Frame) => Frame | Frame[] | null

/** Changes the first frame of a type from a side, counted from `skip`: null drops it, a list puts several in its place. */
function broken(type: string, side: 'client' | 'server', change: Change, skip = 0): WireEvent[] {
  let left = skip
  let isDone = false
  return whole().flatMap((event): WireEvent[] => {
    if (isDone || event.side !== side) return [event]
    const frame = event.frame as Frame
    if (frame.type !== type) return [event]
    left -= 1
    if (left >= 0) return [event]
    isDone = true
    const changed = change(frame)
    return [changed ?? []].flat().map((each) => ({ ...event, frame: each }))
  })
}

const twice: Change = (frame) => [frame, frame]
const gone: Change = () => null
const withItem =
  (change: (item: Frame) => Frame): Change =>
  (frame) => ({ ...frame, items: (frame.items as Frame[]).map(change) })
const withChannel =
  (more: Frame): Change =>
  (frame) => ({ ...frame, channels: (frame.channels as Frame[]).map((item) => ({ ...item, ...more })) })
const withGap =
  (more: Frame): Change =>
  (frame) => ({ ...frame, gap: { ...(frame.gap as Frame), ...more } })

describe('broken sessions', () => {
  const cases: [string, WireEvent[], string][] = [
    ['no auth', broken('auth', 'client', gone), 'wire-auth'],
    [
      'auth of another client first',
      broken('auth', 'client', (frame) => ({ ...frame, client: 1 })),
      'wire-auth',
    ],
    ['no welcome', broken('welcome', 'server', gone), 'wire-auth'],
    [
      'a heartbeat before the welcome',
      broken('welcome', 'server', (frame) => [{ type: 'heartbeat' }, frame]),
      'wire-auth',
    ],
    [
      'a command before the welcome',
      broken('auth', 'client', (frame) => [frame, { type: 'ping', id: 90 }]),
      'wire-auth',
    ],
    ['ok to auth', broken('welcome', 'server', ({ id }) => ({ type: 'ok', id })), 'wire-answer'],
    ['welcome to ping', broken('ok', 'server', ({ id }) => ({ type: 'welcome', id }), 2), 'wire-answer'],
    ['two answers', broken('ok', 'server', twice, 1), 'wire-answer'],
    [
      'ok and error',
      broken('ok', 'server', (frame) => [frame, { type: 'error', id: frame.id, error: {} }], 1),
      'wire-answer',
    ],
    ['an answer without a command', broken('ping', 'client', gone), 'wire-answer'],
    [
      'an answer before its command',
      broken('ping', 'client', (frame) => [{ ...frame, id: 91 }]),
      'wire-answer',
    ],
    [
      'an answer to another client',
      broken('ok', 'server', (frame) => ({ ...frame, client: 3 }), 2),
      'wire-answer',
    ],
    ['a command id used twice', broken('ping', 'client', (frame) => ({ ...frame, id: 2 })), 'wire-command'],
    ['a command without an id', broken('ping', 'client', () => ({ type: 'ping' })), 'wire-command'],
    ['a command that is never answered', broken('ok', 'server', gone, 2).slice(0, -1), 'wire-unanswered'],
    ['another channel answered', broken('ok', 'server', withChannel({ channel: 'x' })), 'wire-subscribed'],
    ['a gap and recovered', broken('ok', 'server', withChannel({ gap: lost })), 'wire-subscribed'],
    [
      'neither a gap nor recovered',
      broken('ok', 'server', withChannel({ recovered: false })),
      'wire-subscribed',
    ],
    ['a position that is none', broken('ok', 'server', withChannel({ position: '2' })), 'wire-subscribed'],
    [
      'a position that was not stated',
      broken('ok', 'server', withChannel({ position: signed(OLD, 1) })),
      'wire-subscribed',
    ],
    [
      'messages before the ok',
      broken('ok', 'server', (frame) => [messages(OLD, 3, [message(3)]), frame]),
      'wire-subscription',
    ],
    [
      'messages of another channel',
      broken('messages', 'server', (frame) => ({ ...frame, channel: 'x' })),
      'wire-subscription',
    ],
    [
      'messages for another client',
      broken('messages', 'server', (frame) => ({ ...frame, client: 1 })),
      'wire-subscription',
    ],
    [
      'messages after unsubscribed',
      broken('messages', 'server', (frame) => [{ type: 'unsubscribed', channel: 'room', error: {} }, frame]),
      'wire-subscription',
    ],
    [
      'messages after the ok to unsubscribe',
      broken('ok', 'server', (frame) => [frame, messages(NEW, 11, [message(11)])], 4),
      'wire-subscription',
    ],
    ['a frame left out', broken('messages', 'server', gone, 1), 'wire-dense'],
    [
      'a frame that begins too late',
      broken('messages', 'server', () => messages(OLD, 4, [message(4)])),
      'wire-dense',
    ],
    ['an item left out', broken('messages', 'server', () => messages(OLD, 4, [message(4)]), 1), 'wire-dense'],
    [
      'no seqs on a durable channel',
      broken('messages', 'server', ({ type, channel, items }) => ({ type, channel, items })),
      'wire-dense',
    ],
    [
      'a hole between runs',
      broken(
        'ok',
        'server',
        (frame) => ({
          ...frame,
          runs: [
            { term: OLD, seq: 1, items: [message(1)] },
            { term: NEW, seq: 3, items: [message(3)] },
          ],
        }),
        3,
      ),
      'wire-dense',
    ],
    [
      'at of another seq',
      broken('messages', 'server', (frame) => ({ ...frame, at: signed(OLD, 9) })),
      'wire-at',
    ],
    [
      'at of another term',
      broken('messages', 'server', (frame) => ({ ...frame, at: signed(NEW, 3) })),
      'wire-at',
    ],
    ['no at', broken('messages', 'server', ({ at, ...frame }) => frame), 'wire-at'],
    [
      'an ack with at of its first message',
      broken('ok', 'server', (frame) => ({ ...frame, at: signed(OLD, 6) }), 1),
      'wire-at',
    ],
    [
      'another MAC for one position',
      broken('ok', 'server', (frame) => ({ ...frame, at: `${plain(OLD, 7)}.${'x'.repeat(16)}` }), 1),
      'wire-token',
    ],
    [
      'a skip that counts wrong',
      broken(
        'messages',
        'server',
        withItem((item) => ('skip' in item ? { skip: 2 } : item)),
        3,
      ),
      'wire-at',
    ],
    [
      'a skip of nothing',
      broken(
        'messages',
        'server',
        withItem(() => ({ skip: 0 })),
      ),
      'wire-item',
    ],
    [
      'a message without time',
      broken(
        'messages',
        'server',
        withItem(({ time, ...item }) => item),
      ),
      'wire-item',
    ],
    [
      'a marker without its end',
      broken(
        'messages',
        'server',
        withItem((item) => ('lost' in item ? { lost: { term: OLD, from: 4 } } : item)),
        3,
      ),
      'wire-item',
    ],
    ['no items', broken('messages', 'server', (frame) => ({ ...frame, items: [] })), 'wire-item'],
    [
      'several items above 64 kB',
      broken(
        'messages',
        'server',
        withItem((item) => ({ ...item, data: 'é'.repeat(17_000) })),
        1,
      ),
      'wire-size',
    ],
    ['a gap without a range', broken('gap', 'server', withGap({ from: null })), 'wire-gap'],
    [
      'a gap that resumes elsewhere',
      broken('gap', 'server', withGap({ resumeAt: signed(OLD, 4) })),
      'wire-gap',
    ],
    [
      'a gap that resumes nowhere',
      broken('gap', 'server', withGap({ reason: 'reset', resumeAt: null })),
      'wire-gap',
    ],
    [
      'a gap of another channel',
      broken('gap', 'server', (frame) => ({ ...frame, channel: 'x' })),
      'wire-subscription',
    ],
    ['an unknown frame', broken('heartbeat', 'server', () => ({ type: 'hello' })), 'wire-frame'],
    [
      'a frame after an error of the session',
      broken('heartbeat', 'server', () => [{ type: 'error', error: {} }, { type: 'heartbeat' }]),
      'wire-ended',
    ],
    [
      'a frame after the end',
      [...whole(), { at: 99, session: 1, side: 'server', frame: { type: 'heartbeat' } }],
      'wire-ended',
    ],
  ]

  it.each(cases)('%s', (_, events, rule) => {
    expect(rulesOf(events)).toContain(rule)
  })

  it('may hold one message above 64 kB', () => {
    const large = broken(
      'messages',
      'server',
      withItem((item) => ({ ...item, data: 'x'.repeat(70_000) })),
    )
    expect(checkWire(large)).toEqual([])
  })

  it('are seen wherever a frame of a long session is missing', () => {
    let cases = 0
    for (let seed = 1; cases < 500; seed++) {
      const events = randomSession(seed)
      const targets = events.flatMap((event, index) => {
        const frame = event.side === 'server' ? (event.frame as Frame) : {}
        const later = events[index + 1]
        const follows = later?.side === 'server' && (later.frame as Frame).type === 'messages'
        return frame.type === 'messages' && follows && !frame.replay ? [index] : []
      })
      const target = targets[chance(seed).below(targets.length)]
      if (target === undefined) continue
      cases += 1
      expect(rulesOf(events.toSpliced(target, 1)), `seed ${seed}, event ${target}`).toContain('wire-dense')
    }
  })
})
