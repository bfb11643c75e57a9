/** The table of the design's read rule, row by row, on a real log. */
import { formatTerm, type Position } from '@holdfast/core/protocol'
import { expect } from 'vitest'
import { entriesOf, entry, ids, type LogCase, type LogKit, messages } from './kit.ts'

/** A term that this log never had. */
const FOREIGN = formatTerm(9, 'z'.padStart(13, '0'))
const RETENTION = { maxEntries: 66, maxAgeMs: 1e12 }

interface Terms {
  readonly first: string
  readonly second: string
}

/**
 * One term wrote 1 to 102; a failover lost 99 to 102; a node that had seen 100 claimed it, so that the second term
 * begins with a marker at 99, then messages 100 to 105. Retention begins at 40.
 */
async function build(kit: LogKit): Promise<Terms> {
  await kit.appended('c', ids(1, 98))
  await kit.harness.mark()
  const { term: first } = await kit.appended('c', ids(99, 102))
  await kit.harness.rollback()
  const claims = [{ term: first, seq: 100 }]
  const { term: second, seq } = await kit.appended('c', ids(200, 205), { claims, retention: RETENTION })
  expect(seq).toBe(105)
  return { first, second }
}

const MARKER = '99 lost 99-100'
const TAIL = [MARKER, ...messages(200, 205, 100)]
const ALL = [...messages(40, 98), ...TAIL]

function row(
  title: string,
  check: (kit: LogKit, terms: Terms) => Promise<void>,
  acceptance?: string,
): LogCase {
  const run = async (kit: LogKit): Promise<void> => check(kit, await build(kit))
  return { title, needs: 'rollback', run, ...(acceptance ? { row: acceptance } : {}) }
}

export const readRuleCases: readonly LogCase[] = [
  row('at the top: nothing', async (kit, { second }) => {
    expect(await kit.resumed('c', [{ term: second, seq: 105 }])).toEqual([])
  }),
  row('in the current term: what follows', async (kit, { second }) => {
    expect(await kit.resumed('c', [{ term: second, seq: 103 }])).toEqual(messages(204, 205, 104))
  }),
  row('at the end of the older term: the marker tells the loss', async (kit, { first }) => {
    expect(await kit.resumed('c', [{ term: first, seq: 98 }])).toEqual(TAIL)
  }),
  row('above the end of the older term: lost-tail, and back to its end', async (kit, { first }) => {
    const read = await kit.read('c', { positions: [{ term: first, seq: 100 }] })
    const resumeAt: Position = { term: first, seq: 98 }
    expect(read.gaps).toEqual([{ reason: 'lost-tail', term: first, from: 99, to: 100, resumeAt }])
    expect(read.start).toEqual(resumeAt)
    expect(entriesOf(read)).toEqual(TAIL)
  }),
  row('inside the older term: replay across the loss', async (kit, { first }) => {
    expect(await kit.resumed('c', [{ term: first, seq: 50 }])).toEqual([...messages(51, 98), ...TAIL])
  }),
  row(
    'below retention: a gap with exact numbers, then what is retained',
    async (kit, { first }) => {
      const read = await kit.read('c', { positions: [{ term: first, seq: 20 }] })
      const resumeAt: Position = { term: first, seq: 39 }
      expect(read.gaps).toEqual([{ reason: 'retention', term: first, from: 21, to: 39, resumeAt }])
      expect(entriesOf(read)).toEqual(ALL)
    },
    'L5',
  ),
  row('a later claim of more adds a second marker, for everyone', async (kit, { first, second }) => {
    await kit.appended('c', [], { claims: [{ term: first, seq: 102 }] })
    const marker = '106 lost 101-102'
    expect(await kit.resumed('c', [{ term: second, seq: 103 }])).toEqual([...messages(204, 205, 104), marker])
    await kit.appended('c', [], { claims: [{ term: first, seq: 102 }] })
    expect((await kit.log.head('c')).seq).toBe(106)
  }),
  row(
    'an unknown term with a known one behind it: the known one decides, its claim is marked',
    async (kit, terms) => {
      const positions = [
        { term: FOREIGN, seq: 70 },
        { term: terms.first, seq: 60 },
      ]
      expect(await kit.resumed('c', positions, positions)).toEqual([
        ...messages(61, 98),
        ...TAIL,
        '106 lost ?-70',
      ])
    },
  ),
  row(
    'an unknown term alone: reset, then everything',
    async (kit, { first }) => {
      const positions = [{ term: FOREIGN, seq: 70 }]
      const read = await kit.read('c', { positions }, { claims: positions })
      expect(read.gaps).toEqual([
        { reason: 'reset', term: null, from: null, to: null, resumeAt: { term: first, seq: 39 } },
      ])
      expect(entriesOf(read)).toEqual([...ALL, '106 lost ?-70'])
    },
    'R15',
  ),
  row('above the top of the current term: reset, and no marker', async (kit, { second }) => {
    const positions = [{ term: second, seq: 300 }]
    expect(await kit.resumed('c', positions, positions)).toEqual(['reset ? then 39', ...ALL])
    expect((await kit.log.head('c')).seq).toBe(105)
  }),
  row('a lost message offered again is the next seq with its old id', async (kit, { second }) => {
    const again = await kit.append('c', ['m101'], { ageMs: 10 })
    expect(again).toMatchObject({ outcome: 'appended', first: { term: second, seq: 106 } })
    expect((await kit.read('c', { last: 1 })).runs[0]?.bodies).toEqual([entry('m101').body])
  }),
  row(
    'clean restarts: nothing',
    async (kit, { second }) => {
      for (let round = 0; round < 5; round++) {
        await kit.harness.restart()
        const position = { term: second, seq: 105 }
        expect(await kit.resumed('c', [position], [position])).toEqual([])
      }
    },
    'R15',
  ),
]
