/** The simulation itself: it repeats, it varies, and its faults bite. */
import { expect, it } from 'vitest'
import { FAULT_KINDS } from './plan.ts'
import { runSeed } from './world.ts'

const seeds = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at)

it('repeats a seed exactly, and no two seeds are alike', async () => {
  const hashes: string[] = []
  for (const seed of seeds(1, 20)) {
    const { hash } = await runSeed(seed)
    expect((await runSeed(seed)).hash, `seed ${seed}`).toBe(hash)
    hashes.push(hash)
  }
  expect(new Set(hashes).size).toBe(20)
})

it('publishes, delivers and settles, and ends quietly', async () => {
  const { history, wire } = await runSeed(1)
  const count = (kind: string): number => history.filter((event) => event.kind === kind).length
  expect(count('publish')).toBeGreaterThan(40)
  expect(count('delivered')).toBeGreaterThan(100)
  expect(count('settled')).toBeGreaterThan(0)
  expect(history.at(-1)).toEqual({ kind: 'end', at: 120_500 })
  expect(wire.length).toBeGreaterThan(200)
})

it('applies every kind of fault, and each of them bites', async () => {
  const bitten = new Set<string>()
  for (const seed of seeds(1, 150)) {
    const { faults } = await runSeed(seed)
    for (const kind of FAULT_KINDS) if (faults[kind].bitten > 0) bitten.add(kind)
  }
  expect([...bitten].sort()).toEqual([...FAULT_KINDS].sort())
}, 30_000)

it('notices a rule that is left out', async () => {
  const broken: string[] = []
  for (const seed of seeds(1, 30)) {
    const { violations } = await runSeed(seed, 'no-probe')
    broken.push(...violations.map(({ rule }) => rule))
  }
  expect(broken).toContain('liveness')
}, 30_000)
