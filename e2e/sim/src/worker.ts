/** Runs seeds in a thread of its own, one after the other. */
import { parentPort } from 'node:worker_threads'
import type { Mutant } from './mutants.ts'
import type { Outcome } from './report.ts'
import { runSeed } from './world.ts'

export interface Task {
  readonly seed: number
  readonly mutant: Mutant | null
}

/** What a thread tells of a run. */
export interface Told extends Outcome {
  readonly publishes: number
  readonly deliveries: number
}

parentPort?.on('message', async ({ seed, mutant }: Task) => {
  parentPort?.postMessage(await run(seed, mutant))
})

async function run(seed: number, mutant: Mutant | null): Promise<Told> {
  try {
    const { hash, violations, faults, phases, history } = await runSeed(seed, mutant)
    const count = (kind: string): number => history.filter((event) => event.kind === kind).length
    const [publishes, deliveries] = [count('publish'), count('delivered')]
    return { seed, hash, violations, faults, phases, publishes, deliveries }
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    const violations = [{ rule: 'error', text, at: 0 }]
    return { seed, hash: '', violations, faults: {}, phases: {}, publishes: 0, deliveries: 0 }
  }
}
