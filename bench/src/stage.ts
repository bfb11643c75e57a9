/** A target's server and its load generator, up for one run. */
import type { AudiencePlan } from './load.ts'
import { CORES, Worker } from './process.ts'
import type { TargetName } from './targets/target.ts'

export interface Stage {
  readonly server: Worker
  readonly port: number
  /** Starts a load generator; it ends with the run. */
  startLoad(): Worker
}

/** Every run has processes of its own: no run inherits another's heap, caches or compiled code. */
export async function onStage<Result>(
  target: string,
  use: (stage: Stage) => Promise<Result>,
): Promise<Result> {
  const server = new Worker('./server.ts', { core: CORES.server, args: [target], flags: ['--expose-gc'] })
  const loads: Worker[] = []
  const startLoad = (): Worker => {
    const load = new Worker('./load.ts', { core: CORES.load })
    loads.push(load)
    return load
  }
  try {
    const port = await server.call<number>('port')
    return await use({ server, port, startLoad })
  } finally {
    await Promise.all([...loads, server].map((worker) => worker.stop()))
  }
}

export function audiencePlan(
  target: string,
  port: number,
  plan: { readonly subscribers: number; readonly channels: number; readonly all?: boolean },
): AudiencePlan {
  return { target: target as TargetName, port, all: false, ...plan }
}
