/** How long a message is under way when the server has little to do. */

import type { Latencies } from '../load/pace.ts'
import type { Tally } from '../load.ts'
import { PAYLOAD_BYTES } from '../payload.ts'
import type { Usage } from '../process.ts'
import { milliseconds, percent } from '../report/format.ts'
import type { Case, Gate, Metric, Sample, Scenario } from '../scenario.ts'
import { audiencePlan, onStage } from '../stage.ts'

const SUBSCRIBERS = 100
const PER_SECOND = 100

const METRICS: readonly Metric[] = [
  { key: 'p50', title: 'p50', format: milliseconds },
  { key: 'p99', title: 'p99', format: milliseconds },
  { key: 'p999', title: 'p99.9', format: milliseconds },
  { key: 'serverCpu', title: 'server CPU', format: percent },
]

const GATES: readonly Gate[] = ['p50', 'p99'].map((metric) => ({
  metric,
  target: 'holdfast',
  against: 'naive',
  atMost: 1,
}))

export const latency: Scenario = ({ isQuick }): Case[] => [
  {
    name: `latency ${SUBSCRIBERS} × ${PER_SECOND}/s`,
    setting: `1 channel, ${SUBSCRIBERS} subscribers, ${PER_SECOND} messages/s, ${PAYLOAD_BYTES} bytes of JSON`,
    targets: ['limit', 'holdfast', 'naive', 'socketio'],
    metrics: METRICS,
    isLowerBetter: true,
    gates: GATES,
    run: (target) => run(target, isQuick),
  },
]

function run(target: string, isQuick: boolean): Promise<Sample> {
  return onStage(target, async ({ server, port, startLoad }) => {
    const load = startLoad()
    await load.call('open', audiencePlan(target, port, { subscribers: SUBSCRIBERS, channels: 1 }))
    const before = await server.call<Usage>('usage')
    const latencies = await load.call<Latencies>('runPace', {
      perSecond: PER_SECOND,
      seconds: isQuick ? 1 : 10,
      warmUp: isQuick ? 200 : 1_500,
    })
    const after = await server.call<Usage>('usage')
    const tally = await load.call<Tally>('drain')
    const { p50, p99, p999 } = latencies
    const serverCpu = (after.cpuMs - before.cpuMs) / (after.at - before.at)
    return { tally, values: { p50, p99, p999, serverCpu } }
  })
}
