import { expect, it } from 'vitest'
import type { Item, OkFrame } from '../protocol/index.ts'
import { rewind, shownUpTo } from './rewind.ts'
import type { Delivery } from './sequencer.ts'

const A = '000001aaaaaaaaaaaaa'
const B = '000002bbbbbbbbbbbbb'
const C = '000002ccccccccccccc'
const at = (term: string, seq: number): string => `${String(seq).padStart(16, '0')}_${term}`
const item = (id: string): Item => ({ id, time: 1, data: id })
const lost = (term: string, from: number, to: number): Item => ({ lost: { term, from, to } })
const ok = (answer: Partial<OkFrame>): OkFrame => ({ type: 'ok', id: 1, ...answer })

const brief = (delivery: Delivery): string => {
  if (delivery.type === 'message') return delivery.item.id
  return delivery.type === 'gap' ? `${delivery.gap.reason} ${delivery.gap.from}-${delivery.gap.to}` : 'poison'
}

async function rewound(
  from: 'earliest' | string | { last: number },
  until: { term: string; seq: number },
  pages: readonly Partial<OkFrame>[],
): Promise<{ told: string[]; asked: unknown[]; end: unknown }> {
  const told: string[] = []
  const asked: unknown[] = []
  const fetchPage = async (options: unknown): Promise<OkFrame> => {
    asked.push(options)
    return ok(pages[asked.length - 1] ?? {})
  }
  const end = await rewind(
    from,
    () => until,
    [],
    fetchPage,
    (deliveries) => told.push(...deliveries.map(brief)),
  )
  return { told, asked, end }
}

it('L3: tells a loss marker in its place, and nothing beyond the end', async () => {
  const runs = [
    { term: A, seq: 1, items: [item('a')] },
    { term: B, seq: 2, items: [lost(A, 2, 3), item('b'), item('c')] },
  ]
  const { told } = await rewound('earliest', { term: B, seq: 3 }, [{ runs }])
  expect(told).toEqual(['a', 'lost-tail 2-3', 'b'])
})

it('L3: after a loss asks again from there, since what follows may be gone too', async () => {
  const gap = { reason: 'lost-tail', term: A, from: 5, to: 9, resumeAt: at(B, 7) } as const
  const retention = { reason: 'retention', term: B, from: 5, to: 7, resumeAt: at(B, 7) } as const
  const runs = [{ term: B, seq: 8, items: [item('x')] }]
  const { told, asked } = await rewound(at(A, 9), { term: B, seq: 8 }, [
    { gap, runs },
    { gap: retention, runs },
  ])
  expect(told).toEqual(['lost-tail 5-9', 'retention 5-7', 'x'])
  expect(asked).toEqual([
    { after: at(A, 9), limit: 1_000 },
    { after: at(A, 4), limit: 1_000 },
  ])
})

it('leaves what the log dropped beyond the end to the live stretch', async () => {
  const gap = { reason: 'retention', term: A, from: 3, to: 9, resumeAt: at(A, 9) } as const
  const { told } = await rewound(at(A, 2), { term: A, seq: 6 }, [{ gap, runs: [] }])
  expect(told).toEqual(['retention 3-6'])
})

it('says how far it came where the log lost the rest meanwhile', async () => {
  const runs = [
    { term: A, seq: 1, items: [item('a'), item('b')] },
    { term: B, seq: 3, items: [lost(A, 3, 4)] },
  ]
  const { told, end } = await rewound('earliest', { term: A, seq: 4 }, [{ runs }])
  expect(told).toEqual(['a', 'b'])
  expect(end).toMatchObject({ seq: 2 })
})

it('says so also where nothing is left after the place where it began', async () => {
  const until = { term: A, seq: 4 }
  const { end } = await rewound(at(A, 2), until, [{ runs: [] }])
  expect(end).toMatchObject({ term: A, seq: 2 })
  const gap = { reason: 'reset', term: null, from: null, to: null, resumeAt: at(B, 0) } as const
  const emptied = await rewound('earliest', until, [{ gap, runs: [] }])
  expect(emptied).toMatchObject({ told: [], end: { term: B, seq: 0 } })
})

it('takes a stretch that is withheld beyond the end for as much of it as lies before', async () => {
  const runs = [{ term: A, seq: 1, items: [item('a'), { skip: 5 }, item('b')] }]
  const { told, end } = await rewound('earliest', { term: A, seq: 4 }, [{ runs }])
  expect({ told, end }).toMatchObject({ told: ['a'], end: { term: A, seq: 4 } })
  const all = await rewound('earliest', { term: A, seq: 1 }, [{ runs }])
  expect(all).toMatchObject({ told: ['a'], end: { term: A, seq: 1 } })
})

it('takes what the cache holds up to an offset in the order of its arrival', () => {
  const cached = [at(B, 9), at(C, 5), at(C, 6)].map((offset) => ({
    item: { id: offset, time: 1, data: 1 },
    offset,
  }))
  expect(shownUpTo({ term: C, seq: 5 }, cached)).toEqual(cached.slice(0, 2))
  expect(shownUpTo({ term: C, seq: 7 }, cached)).toEqual(cached)
  expect(shownUpTo({ term: C, seq: 4 }, cached)).toEqual([])
})
