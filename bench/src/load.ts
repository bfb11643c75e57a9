/** The load generator's process: an audience, and at most one publisher. The methods are called in turn. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Audience } from './load/audience.ts'
import { DIALECTS } from './load/dialects.ts'
import { Pace } from './load/pace.ts'
import { Publisher, publishedOn } from './load/publisher.ts'
import { Window } from './load/window.ts'
import { answerCalls, fileLimit } from './process.ts'
import type { TargetName } from './targets/target.ts'

export interface AudiencePlan {
  readonly target: TargetName
  readonly port: number
  readonly subscribers: number
  readonly channels: number
  /** Each subscriber takes all channels; else one, in turn. */
  readonly all: boolean
}

/** How far the load got. */
export interface Mark {
  readonly at: number
  readonly delivered: number
  readonly frames: number
  readonly cpuMs: number
}

/** The count at the end, when nothing more is published. */
export interface Tally {
  readonly published: number
  readonly delivered: number
  readonly expected: number
  readonly faults: readonly string[]
}

const DRAIN_TIMEOUT_MS = 15_000
const ROUND_STEP = 50

let plan: AudiencePlan
let audience: Audience
let publisher: Publisher | null = null
let window: Window | null = null
let pace: Pace | null = null

async function open(newPlan: AudiencePlan): Promise<void> {
  plan = newPlan
  const { target, port, subscribers, channels, all } = plan
  const everything = Array.from({ length: channels }, (_, channel) => channel)
  audience = new Audience({
    dialect: DIALECTS[target],
    port,
    subscribers,
    channelsOf: (subscriber) => (all ? everything : [subscriber % channels]),
    onRun: (subscriber, run) => {
      window?.advance()
      pace?.received(subscriber, run.count)
    },
  })
  await audience.open()
}

async function openPublisher(): Promise<Publisher> {
  const { target, port, channels } = plan
  publisher = await Publisher.open(DIALECTS[target], port, channels, (fault) => audience.faults.push(fault))
  return publisher
}

async function startWindow({ inFlight }: { inFlight: number }): Promise<void> {
  const { all, subscribers, channels } = plan
  const copies = all ? subscribers : subscribers / channels
  window = new Window(await openPublisher(), audience, inFlight, copies)
  window.advance()
}

/** Publishes one message on every channel, a few at a time. */
async function publishRound(): Promise<void> {
  const opened = await openPublisher()
  for (let left = plan.channels; left > 0; left -= ROUND_STEP) {
    opened.publish(Math.min(left, ROUND_STEP))
    await sleep(5)
  }
}

/** Publishes at a steady rate and answers with what was measured once the messages of the warm-up are left out. */
async function runPace(options: { perSecond: number; seconds: number; warmUp: number }) {
  pace = new Pace(await openPublisher(), options, plan.subscribers)
  await pace.run()
  await drain()
  return pace.latencies()
}

function mark(): Mark {
  const { user, system } = process.cpuUsage()
  return {
    at: performance.now(),
    delivered: audience.delivered,
    frames: audience.frames,
    cpuMs: (user + system) / 1_000,
  }
}

/**
 * Stops publishing and waits for what is under way.
 * @param published messages that were published round the channels, where another process did it
 */
async function drain({ published = publisher?.published ?? 0 }: { published?: number } = {}): Promise<Tally> {
  window?.stop()
  const expected = audience.expectedDeliveries((channel) => publishedOn(channel, published, plan.channels))
  const deadline = performance.now() + DRAIN_TIMEOUT_MS
  while (audience.delivered < expected && audience.faults.length === 0 && performance.now() < deadline)
    await sleep(20)
  // What comes after the last expected message is one too many.
  await sleep(50)
  const { delivered, faults } = audience
  return { published, delivered, expected, faults }
}

answerCalls({ open, startWindow, publishRound, runPace, mark, drain, fileLimit })
