import { type LogHarness, logSuite } from '@holdfast/conformance'
import { createVirtualClock, seededRandom } from '@holdfast/core/testing'
import { describe, expect, it } from 'vitest'
import type { AppendRequest, Doorbell, Log } from './log.ts'
import { MemoryLog, type MemoryLogInternals, memoryLog } from './memory.ts'

logSuite({
  name: 'memory',
  capabilities: { restart: true, rollback: true },
  start: async (surroundings) => memoryHarness(surroundings),
})

export function memoryHarness(internals: MemoryLogInternals): LogHarness {
  const log = new MemoryLog(internals)
  const names = new Set<string>()
  let marked = new Map<string, number>()
  log.subscribe(({ channel }) => names.add(channel))
  return {
    log,
    restart: async () => log.restart({ clean: true }),
    async mark() {
      marked = new Map()
      for (const name of names) marked.set(name, (await log.head(name)).seq)
    },
    async rollback() {
      log.restart({ clean: true })
      for (const name of names) log.loseTail((await log.head(name)).seq - (marked.get(name) ?? 0), name)
    },
    stop: () => log.close(),
  }
}

const request = (...ids: string[]): AppendRequest => ({
  entries: ids.map((id) => ({ id, digest: { value: id }, body: JSON.stringify({ id }) })),
  identity: 'ann',
  idempotencyMs: 1_000,
  retention: { maxEntries: 10_000, maxAgeMs: 1e9 },
})

async function topOf(log: Log): Promise<{ term: string; seq: number }> {
  const result = await log.append('c', request('m1', 'm2'))
  if (result.outcome !== 'appended') throw new Error(result.outcome)
  return result.last
}

describe('memory log', () => {
  it('R15 (memory): another log answers reset to every position of the first', async () => {
    const first = memoryLog()
    const position = await topOf(first)
    const second = memoryLog()
    await topOf(second)
    expect(second.id).not.toBe(first.id)
    for (const held of [position, { term: first.id, seq: 0 }]) {
      const { gaps } = await second.read('c', { at: { positions: [held] }, limit: 10 })
      expect(gaps.map(({ reason }) => reason)).toEqual(['reset'])
    }
  })

  it('loses doorbells where it is told to', async () => {
    const log = new MemoryLog()
    const heard: Doorbell[] = []
    log.subscribe((bell) => heard.push(bell))
    log.dropDoorbells((bell) => bell.first.seq === 1)
    await log.append('c', request('m1'))
    await log.append('c', request('m2'))
    log.dropDoorbells(null)
    await log.append('c', request('m3'))
    expect(heard.map(({ first }) => first.seq)).toEqual([2, 3])
  })

  it('loses the tail of every channel, ids included, and of one alone', async () => {
    const log = new MemoryLog()
    await log.append('c', request('m1', 'm2', 'm3'))
    await log.append('d', request('m1', 'm2'))
    expect(log.loseTail(1)).toBe(2)
    expect(log.loseTail(5, 'd')).toBe(1)
    expect((await log.append('c', request('m3'))).outcome).toBe('appended')
    expect((await log.append('c', request('m1'))).outcome).toBe('duplicate')
    expect(await log.head('d')).toEqual({ term: log.id, seq: 0 })
  })

  it('an unclean restart forgets everything and its own id', async () => {
    const log = new MemoryLog()
    const { id } = log
    await topOf(log)
    log.restart({ clean: false })
    expect(log.id).not.toBe(id)
    expect(await log.head('c')).toEqual({ term: log.id, seq: 0 })
  })

  it('mutants leave out one rule each', async () => {
    const twice = new MemoryLog({ mutants: new Set(['no-dedupe']) })
    await twice.append('c', request('m1'))
    expect((await twice.append('c', request('m1'))).outcome).toBe('appended')

    for (const mutant of ['no-loss-marker', 'unknown-terms-ignored'] as const) {
      const log = new MemoryLog({
        mutants: new Set([mutant]),
        random: seededRandom(1),
        clock: createVirtualClock(),
      })
      const lost = await topOf(log)
      log.loseTail(2)
      await log.append('c', { ...request('m3'), claims: [lost] })
      expect((await log.head('c')).seq).toBe(1)
    }
  })

  it('forgets ids that have expired and whose entries are gone, without a sweep', async () => {
    const clock = createVirtualClock()
    const log = new MemoryLog({ clock })
    const retention = { maxEntries: 1, maxAgeMs: 1e12 }
    await log.append('c', { ...request('m1'), retention })
    await clock.advance(1_000)
    await log.append('c', { ...request('m2'), retention })
    await log.append('c', { ...request('m3'), retention })
    // The record is gone: not even a resend that claims to be young is answered from it.
    expect((await log.append('c', { ...request('m1'), retention, ageMs: 1 })).outcome).toBe('appended')
  })
})
