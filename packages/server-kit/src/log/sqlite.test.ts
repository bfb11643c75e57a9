import { fork } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { type LogHarness, type LogSurroundings, logSuite } from '@holdfast/conformance'
import { afterEach, describe, expect, it } from 'vitest'
import type { AppendRequest, Log } from './log.ts'
import { sqliteLog } from './sqlite.ts'

const folders: string[] = []
function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-log-'))
  folders.push(folder)
  return join(folder, 'log.sqlite')
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

logSuite({
  name: 'sqlite',
  capabilities: { restart: true, rollback: true },
  start: (surroundings) => sqliteHarness(surroundings),
})

async function sqliteHarness(surroundings: LogSurroundings): Promise<LogHarness> {
  const file = newFile()
  const start = async (): Promise<Log> => {
    const log = sqliteLog(file, surroundings)
    await log.open()
    return log
  }
  let log = await start()
  const copy = (from: string, to: string): void => {
    for (const end of ['', '-wal', '-shm']) {
      rmSync(to + end, { force: true })
      if (existsSync(from + end)) copyFileSync(from + end, to + end)
    }
  }
  const restarted = async (meanwhile: () => void): Promise<void> => {
    await log.close()
    meanwhile()
    log = await start()
  }
  return {
    get log() {
      return log
    },
    restart: () => restarted(() => undefined),
    // Nothing is being written between two awaited calls, so the files are a backup as they lie there.
    mark: async () => copy(file, `${file}.backup`),
    rollback: () => restarted(() => copy(`${file}.backup`, file)),
    stop: () => log.close(),
  }
}

const request = (...ids: string[]): AppendRequest => ({
  entries: ids.map((id) => ({ id, digest: { value: id }, body: JSON.stringify({ id }) })),
  identity: 'ann',
  idempotencyMs: 60_000,
  retention: { maxEntries: 10_000, maxAgeMs: 1e9 },
})

const bodies = async (log: Log): Promise<string[]> => {
  const { runs } = await log.read('c', { at: { from: 'earliest' }, limit: 10_000 })
  return runs.flatMap((run) => run.bodies)
}

describe('sqlite log', () => {
  it('L19: a second opener of the file gets log_busy, and nothing is harmed', async () => {
    const file = newFile()
    const owner = sqliteLog(file)
    await owner.open()
    await owner.append('c', request('m1'))
    await expect(sqliteLog(file).open()).rejects.toMatchObject({ code: 'log_busy' })
    const other = fork(script('open-log.ts'), [file], { execArgv })
    expect(await new Promise((resolve) => other.once('message', resolve))).toBe('log_busy')
    await owner.append('c', request('m2'))
    expect(await bodies(owner)).toEqual(['{"id":"m1"}', '{"id":"m2"}'])
    await owner.close()
    const next = sqliteLog(file)
    await next.open()
    expect(await bodies(next)).toHaveLength(2)
    await next.close()
  })

  it('L7 (sqlite): what was acknowledged before a kill -9 is there, in order, and a retry gets the same position', async () => {
    const file = newFile()
    const writer = fork(script('write-log.ts'), [file], { execArgv })
    const acked = new Map<string, number>()
    await new Promise<void>((resolve) => {
      writer.on('message', ({ id, seq }: { id: string; seq: number }) => {
        acked.set(id, seq)
        if (acked.size === 500) resolve()
      })
    })
    const gone = new Promise((resolve) => writer.once('exit', resolve))
    writer.kill('SIGKILL')
    await gone
    const log = sqliteLog(file)
    await log.open()
    const stored = await bodies(log)
    for (const [id, seq] of acked) {
      expect(JSON.parse(stored[seq - 1] ?? '{}')).toEqual({ id })
    }
    // Also of what was written, and killed before it could be acknowledged.
    for (const [at, body] of stored.entries()) {
      const { id } = JSON.parse(body) as { id: string }
      expect(await log.append('c', request(id))).toMatchObject({
        outcome: 'duplicate',
        last: { seq: at + 1 },
      })
    }
    expect((await log.head('c')).seq).toBe(stored.length)
    await log.close()
  })

  it('R11 (sqlite): an entry that cannot be read is surfaced as poison and the next ones flow', async () => {
    const file = newFile()
    const log = sqliteLog(file)
    await log.open()
    await log.append('c', request('m1', 'm2', 'm3'))
    await log.close()
    for (const damaged of ["'garbage'", "'{garbage}'", "'[1]'", 'NULL', "x'00ff'", '7']) {
      const database = new DatabaseSync(file)
      database.exec(`UPDATE entry SET body = ${damaged} WHERE seq = 2`)
      database.close()
      await log.open()
      expect(await bodies(log)).toEqual(['{"id":"m1"}', '{"poison":"2"}', '{"id":"m3"}'])
      await log.close()
    }
  })

  it('L4 (sqlite): a file cut in half is refused with what to do about it, an emptied one begins anew and tells', async () => {
    const file = newFile()
    const log = sqliteLog(file)
    await log.open()
    for (let n = 0; n < 200; n++) await log.append('c', request(`m${n}-${'x'.repeat(50)}`))
    const before = await log.head('c')
    await log.close()
    truncateSync(file, Math.floor(statSync(file).size / 2 / 4_096) * 4_096)
    await expect(sqliteLog(file).open()).rejects.toMatchObject({
      code: 'log_incompatible',
      message: expect.stringContaining('damaged'),
    })
    truncateSync(file, 0)
    const anew = sqliteLog(file)
    await anew.open()
    const { gaps } = await anew.read('c', { at: { positions: [before] }, limit: 1 })
    expect(gaps).toMatchObject([{ reason: 'reset' }])
    await anew.close()
  })

  it('commits what one tick asks for as one transaction', async () => {
    const file = newFile()
    const deferred: (() => void)[] = []
    const log = sqliteLog(file, { defer: (step) => void deferred.push(step) })
    await log.open()
    const appends = ['m1', 'm2', 'm3'].map((id) => log.append('c', request(id)))
    expect(deferred).toHaveLength(1)
    for (const step of deferred) step()
    const results = await Promise.all(appends)
    expect(results.map((result) => result.outcome === 'appended' && result.first.seq)).toEqual([1, 2, 3])
    await log.close()
  })
})

const execArgv = ['--import', new URL('../../../../scripts/source-imports.mjs', import.meta.url).href]
function script(name: string): string {
  return fileURLToPath(new URL(`testing/${name}`, new URL('../', import.meta.url)))
}
