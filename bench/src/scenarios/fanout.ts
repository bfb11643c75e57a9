/** Deliveries a second when a publisher keeps a number of messages in flight. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Mark, Tally } from '../load.ts'
import { PAYLOAD_BYTES } from '../payload.ts'
import type { Usage } from '../process.ts'
import { count, fixed, microseconds, percent } from '../report/format.ts'
import type { Case, Metric, Sample, Scenario } from '../scenario.ts'
import { audiencePlan, onStage } from '../stage.ts'

interface Shape {
  readonly name: string
  readonly subscribers: number
  readonly channels: number
  readonly all?: boolean
  readonly inFlight: number
  readonly limit: string
  /** The least ratio to the limit. */
  readonly atLeast: number
}

const SHAPES: readonly Shape[] = [
  {
    name: '1 × 1,000, batched',
    subscribers: 1_000,
    channels: 1,
    inFlight: 64,
    limit: 'limit',
    atLeast: 0.7,
  },
  {
    name: '1 × 1,000, a message a write',
    subscribers: 1_000,
    channels: 1,
    inFlight: 1,
    limit: 'limit-single',
    atLeast: 0.9,
  },
  { name: '100 × 10', subscribers: 1_000, channels: 100, inFlight: 400, limit: 'limit', atLeast: 0.8 },
  {
    name: '10 × 1,000 on all',
    subscribers: 1_000,
    channels: 10,
    all: true,
    inFlight: 40,
    limit: 'limit-corked',
    atLeast: 0.7,
  },
]

const METRICS: readonly Metric[] = [
  { key: 'perSecond', title: 'deliveries/s', format: count },
  { key: 'cpuPerDelivery', title: 'server CPU a delivery', format: microseconds },
  { key: 'messagesPerWrite', title: 'messages/write', format: fixed(1) },
  { key: 'writesPerSecond', title: 'writes/s', format: count },
  { key: 'serverCpu', title: 'server CPU', format: percent },
  { key: 'loadCpu', title: 'load CPU', format: percent },
]

export const fanout: Scenario = ({ isQuick }) =>
  SHAPES.map((shape): Case => {
    const { name, subscribers, channels, all, inFlight, limit, atLeast } = shape
    return {
      name: `fanout ${name}`,
      setting:
        `${channels} channel${channels > 1 ? 's' : ''}, ${subscribers} subscribers` +
        `${all ? ' on every channel' : ''}, ${inFlight} in flight, ${PAYLOAD_BYTES} bytes of JSON`,
      targets: [limit, 'holdfast', 'naive', 'socketio'],
      metrics: METRICS,
      gates: [{ metric: 'perSecond', target: 'holdfast', against: limit, atLeast }],
      run: (target) =>
        run(target, shape, isQuick ? { warmUpMs: 200, ms: 400 } : { warmUpMs: 800, ms: 2_000 }),
    }
  })

function run(target: string, shape: Shape, time: { warmUpMs: number; ms: number }): Promise<Sample> {
  return onStage(target, async ({ server, port, startLoad }) => {
    const load = startLoad()
    const look = (): Promise<[Usage, Mark]> =>
      Promise.all([server.call<Usage>('usage'), load.call<Mark>('mark')])
    await load.call('open', audiencePlan(target, port, shape))
    await load.call('startWindow', { inFlight: shape.inFlight })
    await sleep(time.warmUpMs)
    const [usageBefore, markBefore] = await look()
    await sleep(time.ms)
    const [usageAfter, markAfter] = await look()
    const tally = await load.call<Tally>('drain')
    return { tally, values: compare(usageBefore, usageAfter, markBefore, markAfter) }
  })
}

function compare(usage0: Usage, usage1: Usage, mark0: Mark, mark1: Mark): Record<string, number> {
  const seconds = (mark1.at - mark0.at) / 1_000
  const perSecond = (mark1.delivered - mark0.delivered) / seconds
  const serverCpu = (usage1.cpuMs - usage0.cpuMs) / (usage1.at - usage0.at)
  // Where the platform does not count writes, a frame stands for one.
  const writesPerSecond =
    usage0.writes !== null && usage1.writes !== null
      ? ((usage1.writes - usage0.writes) / (usage1.at - usage0.at)) * 1_000
      : (mark1.frames - mark0.frames) / seconds
  return {
    perSecond,
    writesPerSecond,
    serverCpu,
    cpuPerDelivery: serverCpu / perSecond,
    messagesPerWrite: perSecond / writesPerSecond,
    loadCpu: (mark1.cpuMs - mark0.cpuMs) / (mark1.at - mark0.at),
  }
}
