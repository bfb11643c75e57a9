/** What a connected, subscribed and silent client costs the server's memory. */
import type { Tally } from '../load.ts'
import { fileLimit, type Usage, type Worker } from '../process.ts'
import { bytes, fixed } from '../report/format.ts'
import type { Case, Metric, Sample, Scenario } from '../scenario.ts'
import { audiencePlan, onStage } from '../stage.ts'

const CONNECTIONS = 10_000
const CHANNELS = 1_000
/** Files that a process needs beside its connections. */
const SPARE_FILES = 200

const METRICS: readonly Metric[] = [
  { key: 'bytesPerConnection', title: 'RSS a connection', format: bytes },
  { key: 'connectSeconds', title: 'seconds to connect', format: fixed(2) },
]

export const idle: Scenario = ({ isQuick }): Case[] => {
  const wanted = isQuick ? CONNECTIONS / 10 : CONNECTIONS
  // The server holds all of them in one process; a limit below the number is reported by the case's name.
  const connections = Math.min(wanted, fileLimit() - SPARE_FILES)
  return [
    {
      name: `idle ${connections.toLocaleString('en')}`,
      setting:
        `${connections} connections on ${CHANNELS} channels, a subscription each` +
        (connections < wanted ? `; the limit of open files allows no ${wanted}` : ''),
      targets: ['limit', 'holdfast', 'naive', 'socketio'],
      metrics: METRICS,
      isLowerBetter: true,
      gates: [{ metric: 'bytesPerConnection', target: 'holdfast', atMost: 12_000 }],
      run: (target) => run(target, connections),
    },
  ]
}

/** The load generator is split, so that each part stays well below the limit of open files. */
function shares(connections: number): number[] {
  const most = Math.min(5_000, fileLimit() - SPARE_FILES)
  const parts = Math.ceil(connections / most)
  return Array.from({ length: parts }, (_, part) => Math.floor((connections + part) / parts))
}

function run(target: string, connections: number): Promise<Sample> {
  return onStage(target, async ({ server, port, startLoad }) => {
    const loads = shares(connections).map((subscribers) => ({ subscribers, worker: startLoad() }))
    // Waits until they are up: their start is not part of the connecting.
    for (const { worker } of loads) await worker.call('fileLimit')
    const before = await server.call<Usage>('settledUsage')
    const startedAt = performance.now()
    await Promise.all(
      loads.map(({ subscribers, worker }) =>
        worker.call('open', audiencePlan(target, port, { subscribers, channels: CHANNELS })),
      ),
    )
    const connectSeconds = (performance.now() - startedAt) / 1_000
    const after = await server.call<Usage>('settledUsage')
    const bytesPerConnection = (after.rssBytes - before.rssBytes) / connections
    const tally = await publishToAll(loads.map(({ worker }) => worker))
    return { tally, values: { bytesPerConnection, connectSeconds } }
  })
}

/** One message on every channel must reach every connection: none of them only looks subscribed. */
async function publishToAll(workers: readonly Worker[]): Promise<Tally> {
  await workers[0]?.call('publishRound')
  const tallies = await Promise.all(
    workers.map((worker) => worker.call<Tally>('drain', { published: CHANNELS })),
  )
  return {
    published: CHANNELS,
    delivered: tallies.reduce((sum, { delivered }) => sum + delivered, 0),
    expected: tallies.reduce((sum, { expected }) => sum + expected, 0),
    faults: tallies.flatMap(({ faults }) => faults),
  }
}
