/** Processes of a run: each pinned to a core of its own where the machine allows it, and called over Node's IPC. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

interface Call {
  readonly id: number
  readonly method: string
  readonly params: unknown
}

interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
}

type Methods = Readonly<Record<string, (params: never) => unknown>>

/** The server's core and the load generator's. */
export const CORES = { server: 0, load: 1 } as const

const sources = new URL('../../scripts/source-imports.mjs', import.meta.url).href

/** Why processes are not pinned, or null where they are. */
export const unpinned: string | null = findPinningFault()

function findPinningFault(): string | null {
  if (availableParallelism() < 2) return 'one core only: server and load generator share it'
  const { status } = spawnSync('taskset', ['-c', `${CORES.server},${CORES.load}`, 'true'], {
    stdio: 'ignore',
  })
  return status === 0 ? null : 'no taskset: the scheduler places the processes'
}

export interface StartOptions {
  readonly core: number
  readonly args?: readonly string[]
  readonly flags?: readonly string[]
}

/** A child process whose methods can be called. */
export class Worker {
  readonly #child: ChildProcess
  readonly #name: string
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #lastId = 0
  #ended: string | null = null

  /** @param program a file beside this one */
  constructor(program: string, { core, args = [], flags = [] }: StartOptions) {
    this.#name = [program, ...args].join(' ')
    const file = fileURLToPath(new URL(program, import.meta.url))
    const node = [process.execPath, '--import', sources, ...flags, file, ...args]
    const [command = '', ...rest] = unpinned ? node : ['taskset', '-c', String(core), ...node]
    this.#child = spawn(command, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#child.on('message', (answer: Answer) => {
      this.#waiting.get(answer.id)?.(answer)
      this.#waiting.delete(answer.id)
    })
    this.#child.on('error', (error) => this.#end(error.message))
    this.#child.on('exit', (code, signal) => this.#end(`ended with ${signal ?? code}`))
  }

  call<Result>(method: string, params?: unknown): Promise<Result> {
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId
      this.#waiting.set(id, ({ result, error }) =>
        error === undefined ? resolve(result as Result) : reject(new Error(`${this.#name}: ${error}`)),
      )
      if (this.#ended) this.#end(this.#ended)
      else this.#child.send({ id, method, params } satisfies Call)
    })
  }

  async stop(): Promise<void> {
    if (this.#ended) return
    const exited = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill('SIGTERM')
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), 3_000)
    await exited
    clearTimeout(impatience)
  }

  #end(error: string): void {
    this.#ended = error
    for (const [id, answer] of this.#waiting) answer({ id, error })
    this.#waiting.clear()
  }
}

/** In a child: answers the parent's calls, and ends with the parent. */
export function answerCalls(methods: Methods): void {
  process.on('message', async ({ id, method, params }: Call) => {
    try {
      const handler = methods[method]
      if (!handler) throw new Error(`no method ${method}`)
      process.send?.({ id, result: await handler(params as never) } satisfies Answer)
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  })
  process.on('disconnect', () => process.exit(0))
  process.on('SIGTERM', () => process.exit(0))
}

/** What a process has used so far. */
export interface Usage {
  /** Milliseconds, on the process's own clock. */
  readonly at: number
  readonly cpuMs: number
  readonly rssBytes: number
  /** System calls that wrote, sockets included; null where the platform does not count them. */
  readonly writes: number | null
}

export function readUsage(): Usage {
  const { user, system } = process.cpuUsage()
  return {
    at: performance.now(),
    cpuMs: (user + system) / 1_000,
    rssBytes: process.memoryUsage.rss(),
    writes: readNumber('/proc/self/io', /^syscw: (\d+)$/m),
  }
}

/** How many files this process may hold open; Infinity where unknown. */
export function fileLimit(): number {
  return readNumber('/proc/self/limits', /^Max open files\s+(\d+)/m) ?? Number.POSITIVE_INFINITY
}

function readNumber(file: string, pattern: RegExp): number | null {
  try {
    const found = pattern.exec(readFileSync(file, 'utf8'))?.[1]
    return found === undefined ? null : Number(found)
  } catch {
    return null
  }
}
