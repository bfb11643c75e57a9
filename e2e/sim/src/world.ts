/** One run of a seed: the plan is played, everything settles, and the history is judged. */
import { createHash } from 'node:crypto'
import { Chance } from './chance.ts'
import { check } from './checker.ts'
import { strike } from './faults.ts'
import type { History, Violation } from './history.ts'
import { type Mutant, mutated } from './mutants.ts'
import { ACTIVE_MS, CHANNELS, type Plan, type PlannedChange, planOf, QUIET_MS } from './plan.ts'
import { Stage } from './stage.ts'
import type { Counts } from './tally.ts'
import { checkWire, type WireEvent } from './wire-checker.ts'

const LAST_ANSWERS_MS = 500

export interface Run {
  readonly seed: number
  readonly history: History
  /** Of the history: equal in every run of the seed. */
  readonly hash: string
  readonly violations: readonly Violation[]
  readonly faults: Counts
  /** How often a fault met a client in a phase, by `fault/phase`. */
  readonly phases: Readonly<Record<string, number>>
  /** Every frame, as the hubs took and sent them. */
  readonly wire: readonly WireEvent[]
  /** What the hubs logged. */
  readonly failures: readonly string[]
}

/** @param mutant a rule that the product leaves out; null for the product as it is */
export async function runSeed(seed: number, mutant: Mutant | null = null): Promise<Run> {
  const plan = planOf(seed)
  const stage = new Stage(seed, plan, mutated(mutant))
  schedule(stage, plan)
  await stage.clock.advance(ACTIVE_MS + QUIET_MS)
  stage.network.isDeaf = true
  await stage.clock.advance(LAST_ANSWERS_MS)
  stage.end()
  stage.recorder.end()
  const { history } = stage.recorder
  if (history.some((event) => event.kind === 'gap' && event.reason === 'retention'))
    stage.tally.bitten('retention')
  const at = stage.elapsed
  const broken = (rule: string, texts: readonly string[]): Violation[] =>
    texts.map((text) => ({ rule, text, at }))
  const violations = [
    ...broken('storm', stage.isStorm ? [`${stage.wire.length} frames, and no end of them`] : []),
    ...checkWire(stage.wire),
    ...check(history),
    ...broken('unsettled', leftovers(stage)),
  ]
  stop(stage)
  return {
    seed,
    history,
    hash: createHash('sha256').update(JSON.stringify(history)).digest('hex').slice(0, 16),
    violations,
    faults: stage.tally.counts,
    phases: stage.phases,
    wire: stage.wire,
    failures: stage.server.failures,
  }
}

function schedule(stage: Stage, plan: Plan): void {
  const { settings, publishes, faults, changes } = plan
  for (const [at, tab] of stage.tabs.entries()) stage.after(at * 20, () => tab.load())
  for (const { at, tab, channel, id, body } of publishes) {
    stage.after(at, () => {
      if (tab === null) stage.server.publish(channel, id, body)
      else stage.tabs[tab]?.publish(channel, id, body)
    })
  }
  for (const fault of faults) stage.after(fault.at, () => strike(stage, fault))
  for (const change of changes) stage.after(change.at, () => changeReaders(stage, change))
  const { maxEntries, maxAgeMs } = settings.retention
  if (maxEntries < 1_000 || maxAgeMs < ACTIVE_MS) stage.tally.applied('retention')
  stage.after(ACTIVE_MS + 1, () => {
    stage.onReplyLost = () => undefined
    for (const connection of stage.network.connections) connection.losesReply = null
  })
  if (settings.hasQuietTail) stage.after(ACTIVE_MS + QUIET_MS / 2, () => quietTail(stage))
}

/** The last message of each channel, whose doorbells are lost: nothing comes after it that would show the hole. */
function quietTail(stage: Stage): void {
  const { server } = stage
  stage.tally.applied('quiet-tail')
  let dropped = 0
  server.faults.dropsBell = () => ++dropped > 0
  for (const channel of CHANNELS) server.publish(channel, `last-${channel}`, `the last of ${channel}`)
  stage.after(1_000, () => {
    server.faults.dropsBell = () => false
    if (dropped > 0) stage.tally.bitten('quiet-tail')
  })
}

function changeReaders(stage: Stage, { tab: index, channel, change, draw }: PlannedChange): void {
  const tab = stage.tabs[index]
  if (!tab) return
  const chance = Chance.of(draw, 8)
  const readers = tab.readersOf(channel)
  if (change === 'join') {
    const other = readers.length > 0 && chance.hits(0.6) ? chance.one(readers) : null
    tab.join(channel, other?.offset ?? null)
    return
  }
  for (const reader of readers) tab.leave(reader)
  const [last] = readers
  if (last)
    stage.after(
      chance.between(0, 6_000),
      () => tab.readersOf(channel).length === 0 && tab.read(channel, last),
    )
}

/** What should have been settled by now, and is not. */
function leftovers(stage: Stage): string[] {
  const left: string[] = []
  for (const [name, { rows }] of stage.disks)
    for (const { id, owner } of rows.values()) left.push(`the row ${id} of ${owner} is still on disk ${name}`)
  for (const tab of stage.tabs) {
    if (tab.waitingRows > 0) left.push(`${tab.waitingRows} publishes of ${tab.name} are not settled`)
    if (!tab.page?.client.isConnected)
      left.push(`${tab.name} is not connected: ${JSON.stringify(tab.page?.client.status$.value ?? null)}`)
  }
  for (const id of stage.server.unsettled) left.push(`the server's publish ${id} is not settled`)
  return left
}

function stop(stage: Stage): void {
  for (const tab of stage.tabs) tab.crash(true)
  stage.server.crash(true)
}
