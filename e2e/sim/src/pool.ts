/** Worker threads that run seeds. */
import { Worker } from 'node:worker_threads'
import type { Mutant } from './mutants.ts'
import type { Task, Told } from './worker.ts'

export class Pool {
  readonly #threads: readonly Worker[]

  constructor(size: number) {
    // A thread inherits the hooks that let it import the sources.
    this.#threads = Array.from({ length: size }, () => new Worker(new URL('worker.ts', import.meta.url)))
  }

  /**
   * Runs the seeds from `first` to `last` on all threads, in about that order.
   * @param done takes what each run came to; false ends it after the runs that have begun
   */
  async run(
    first: number,
    last: number,
    mutant: Mutant | null,
    done: (told: Told) => boolean,
  ): Promise<void> {
    let next = first
    let isWanted = true
    const work = async (thread: Worker): Promise<void> => {
      while (isWanted && next <= last) {
        const told = await ask(thread, { seed: next++, mutant })
        if (!done(told)) isWanted = false
      }
    }
    await Promise.all(this.#threads.map(work))
  }

  async end(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()))
  }
}

function ask(thread: Worker, task: Task): Promise<Told> {
  return new Promise((resolve, reject) => {
    const failed = (error: unknown): void => reject(error)
    thread.once('error', failed)
    thread.once('message', (told: Told) => {
      thread.off('error', failed)
      resolve(told)
    })
    thread.postMessage(task)
  })
}
