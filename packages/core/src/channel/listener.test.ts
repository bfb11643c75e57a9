import { describe, expect, it } from 'vitest'
import { formatOffset, formatTerm, type Position, parseOffset } from '../protocol/index.ts'
import { toGap } from './deliveries.ts'
import { type Delivered, type From, Listener } from './listener.ts'
import type { Gap } from './message.ts'

const A = formatTerm(1, 'a'.repeat(13))
const B = formatTerm(2, 'b'.repeat(13))
/** As a log numbers a term that has lost all of the older ones. */
const A2 = formatTerm(1, 'c'.repeat(13))
const C = formatTerm(3, 'd'.repeat(13))

const at = (term: string, seq: number): string => formatOffset({ term, seq })

function message(term: string, seq: number, isRepeat = false): Delivered {
  const id = `${term.slice(0, 7)}/${seq}`
  const more = { channel: 'room', event: 'message', timestamp: 1, sender: null, meta: null } as const
  return {
    type: 'message',
    isRepeat,
    message: { id, offset: at(term, seq), data: `${term[6]}${seq}`, source: 'live', ...more },
  }
}

function gap(
  reason: Gap['reason'],
  term: string | null,
  [from, to]: readonly [number | null, number | null],
  resumeAt: string,
): Delivered {
  const told = toGap('room', { reason, term, from, to, resumeAt })
  return { type: 'gap', gap: told, news: told }
}

const lost = (term: string, from: number | null, to: number, resumeAt: string): Delivered =>
  gap('lost-tail', term, [from, to], resumeAt)

/** A listener, and what it was given: data, and gaps as `reason from-to`. */
function listening(from: From): { listener: Listener; heard: unknown[] } {
  const heard: unknown[] = []
  const listener = new Listener((messages) => heard.push(...messages.map(({ data }) => data)), {
    from,
    onGap: ({ reason, from: first, to }) => heard.push(`${reason} ${first}-${to}`),
  })
  return { listener, heard }
}

describe('an offset of its own', () => {
  it('is what it begins after, where the channel stands further back', () => {
    const { listener, heard } = listening(at(B, 5))
    listener.join({ term: A, seq: 8 })
    listener.deliver([message(A, 9), message(B, 4), message(B, 5)])
    expect(heard).toEqual([])
    listener.deliver([message(B, 6), message(C, 7)])
    expect(heard).toEqual(['b6', 'd7'])
  })

  it('is what gaps begin after, too', () => {
    const { listener, heard } = listening(at(B, 5))
    listener.join({ term: A, seq: 1 })
    listener.deliver([
      gap('retention', A, [2, 3], at(A, 3)),
      lost(A, 9, 9, at(B, 3)),
      lost(A, 4, 5, at(A, 3)),
      gap('retention', B, [6, 7], at(B, 7)),
      message(B, 8),
    ])
    expect(heard).toEqual(['retention 6-7', 'b8'])
  })

  it('counts no more after a reset: the log is read anew', () => {
    const { listener, heard } = listening(at(B, 5))
    listener.join({ term: A, seq: 1 })
    listener.deliver([gap('reset', null, [null, null], at(A2, 0)), message(A2, 1)])
    expect(heard).toEqual(['reset null-null', 'c1'])
  })

  it('counts no more where the log has forgotten its term, and numbers its terms anew', () => {
    for (const before of [at(A, 3), at(B, 5)]) {
      const { listener, heard } = listening(at(B, 5))
      const place = parseOffset(before) as Position
      listener.join(place)
      listener.goOn({ term: A2, seq: 2 }, place)
      listener.deliver([gap('retention', A2, [1, 2], at(A2, 2)), message(A2, 3), lost(B, null, 5, at(A2, 4))])
      expect(heard).toEqual(['retention 1-2', 'c3', 'lost-tail null-5'])
    }
  })

  it('counted until then, also for what is still held', () => {
    const { listener, heard } = listening(at(B, 5))
    listener.hold()
    listener.join({ term: A, seq: 3 })
    listener.deliver([message(A, 4)])
    listener.goOn({ term: A2, seq: 0 }, { term: A, seq: 4 })
    listener.deliver([message(A2, 1)])
    listener.release()
    expect(heard).toEqual(['c1'])
  })

  it('counts on where the channel comes nearer to it, or goes back in a term that the log knows', () => {
    const { listener, heard } = listening(at(B, 5))
    listener.join({ term: A, seq: 3 })
    listener.goOn({ term: A, seq: 2 }, { term: A, seq: 3 })
    listener.goOn({ term: B, seq: 4 }, { term: A, seq: 2 })
    listener.deliver([message(B, 5), message(B, 6)])
    expect(heard).toEqual(['b6'])
    const older = listening(at(A, 5))
    older.listener.join({ term: B, seq: 9 })
    older.listener.goOn({ term: A, seq: 4 }, { term: B, seq: 9 })
    older.listener.deliver([message(A, 5), message(A, 6)])
    expect(older.heard).toEqual(['a6'])
  })

  it('lets pass what it was shown before, stored again in another term', () => {
    const { listener, heard } = listening(at(A, 1))
    listener.join({ term: A, seq: 1 })
    listener.deliver([message(A, 2), message(A, 2, true)])
    expect(heard).toEqual(['a2'])
  })
})

describe('while an older stretch is on its way', () => {
  function rewinding(joinAt: number): ReturnType<typeof listening> {
    const rewound = listening('earliest')
    rewound.listener.hold()
    rewound.listener.join({ term: A, seq: joinAt })
    return rewound
  }

  it('keeps what comes, and hands it over after it', () => {
    const { listener, heard } = rewinding(1)
    listener.deliver([message(A, 2)])
    listener.deliverOlder([message(A, 1)])
    listener.release()
    listener.deliver([message(A, 3)])
    expect(heard).toEqual(['a1', 'a2', 'a3'])
  })

  it('drops what follows a lost stretch until the gap is told, held or not', () => {
    const { listener, heard } = rewinding(3)
    listener.deliverOlder([message(A, 1)])
    listener.deliver([message(A, 4), lost(C, null, 9, at(A, 5))])
    listener.dropLost()
    listener.release()
    listener.deliver([message(A, 6)])
    expect(heard).toEqual(['a1'])
    listener.deliver([lost(A, 2, 6, at(A, 1)), message(B, 2), message(A, 7)])
    expect(heard).toEqual(['a1', 'b2', 'a7'])
  })

  it('drops what it holds of a term that was lost from below where it joined', () => {
    const { listener, heard } = rewinding(3)
    listener.deliver([message(A, 4), lost(C, null, 9, at(A, 5)), message(A, 6)])
    listener.deliver([lost(A, 3, 6, at(A, 2)), message(B, 3)])
    expect(listener.joinAt).toMatchObject({ term: A, seq: 2 })
    listener.deliverOlder([message(A, 1), message(A, 2)])
    listener.release()
    expect(heard).toEqual(['a1', 'a2', 'b3'])
  })
})
