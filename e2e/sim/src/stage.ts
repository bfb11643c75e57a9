/** One run's parts, as the faults find them. */
import { createVirtualClock, type VirtualClock } from '@holdfast/core/testing'
import { MemoryLog } from '../../../packages/server-kit/src/log/memory.ts'
import { Chance } from './chance.ts'
import { Disk } from './disk.ts'
import type { Mutated } from './mutants.ts'
import { type Connection, Network } from './network.ts'
import { ACTIVE_MS, CHANNELS, type FaultKind, type Plan, type Settings } from './plan.ts'
import { Recorder } from './recorder.ts'
import { Server } from './server.ts'
import { Tab } from './tab.ts'
import { Tally } from './tally.ts'
import type { WireEvent } from './wire-checker.ts'

/** Far more than any run needs. */
const MOST_FRAMES = 10_000

export class Stage {
  readonly clock: VirtualClock = createVirtualClock()
  readonly tally: Tally = new Tally()
  readonly settings: Settings
  readonly log: MemoryLog
  readonly recorder: Recorder
  readonly network: Network
  readonly server: Server
  readonly tabs: readonly Tab[]
  readonly disks: ReadonlyMap<string, Disk>
  /** Called when a reply was lost, with the channel of the publish that it answered. */
  onReplyLost: (channel: string | null) => void = () => undefined
  /** Every frame, as the hubs took and sent them. */
  readonly wire: WireEvent[] = []
  /** How often a fault met a client in a phase, by `fault/phase`. */
  readonly phases: Record<string, number> = {}
  readonly #atEnd: (() => void)[] = []
  readonly #start: number

  constructor(seed: number, { settings }: Plan, mutated: Mutated) {
    const { clock } = this
    this.settings = settings
    this.#start = clock.now()
    this.log = new MemoryLog({ clock, random: Chance.of(seed, 2).random, mutants: mutated.log })
    this.recorder = new Recorder(clock, this.log)
    const replyLost = (_: Connection, channel: string | null): void => this.onReplyLost(channel)
    this.network = new Network(clock, Chance.of(seed, 3), settings.latencyMs, {
      replyLost,
      frame: (session, side, text) =>
        this.#note({ at: this.elapsed, session, side, frame: JSON.parse(text) }),
      ended: (session) => this.#note({ at: this.elapsed, session, side: 'end' }),
    })
    const { log, network, recorder } = this
    this.server = new Server({
      clock,
      chance: Chance.of(seed, 4),
      log,
      network,
      recorder,
      settings,
      mutants: mutated.hub,
    })
    this.disks = new Map(settings.tabs.map(({ disk }) => [disk, new Disk()]))
    this.tabs = settings.tabs.map(
      (tab, at) =>
        new Tab({
          clock,
          chance: Chance.of(seed, 10 + at),
          network,
          recorder,
          disk: this.disks.get(tab.disk) as Disk,
          settings: tab,
          channels: CHANNELS,
          mutants: mutated.client,
        }),
    )
  }

  get elapsed(): number {
    return this.clock.now() - this.#start
  }

  after(ms: number, step: () => void): void {
    this.clock.after(ms, step)
  }

  /** The end of something that lasts: with the active time at the latest. */
  until(ms: number, end: () => void): void {
    this.after(Math.max(0, Math.min(ms, ACTIVE_MS - this.elapsed)), end)
  }

  atEnd(look: () => void): void {
    this.#atEnd.push(look)
  }

  /** A page ended with rows in the outbox: somebody has to take them over. */
  adoptable({ disk }: Tab): void {
    this.tally.applied('adoption')
    if (disk.rows.size > 0) this.tally.bitten('adoption')
  }

  /** Notes which phase of each client a fault meets. */
  met(fault: FaultKind): void {
    for (const { phase } of this.tabs) {
      const pair = `${fault}/${phase}`
      this.phases[pair] = (this.phases[pair] ?? 0) + 1
    }
  }

  /** Whether client and hub send each other frames without end. */
  get isStorm(): boolean {
    return this.wire.length >= MOST_FRAMES
  }

  #note(event: WireEvent): void {
    this.wire.push(event)
    if (this.isStorm) this.network.isOver = true
  }

  end(): void {
    for (const look of this.#atEnd) look()
  }
}
