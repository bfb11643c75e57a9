/** What a seed decides before its run: the stage, who publishes what and when, and which faults strike when. */
import type { Retention } from '@holdfast/server-kit'
import { Chance } from './chance.ts'

/** How long publishes and faults go on, in milliseconds. */
export const ACTIVE_MS = 30_000
/** The quiet time after it: longer than every backoff, probe and scan in a row. */
export const QUIET_MS = 90_000

export const CHANNELS: readonly string[] = ['news', 'room']

/** Each kind, as often as it is drawn. */
export const FAULT_WEIGHTS = {
  'hub-crash': 6,
  'hub-drain': 3,
  'clean-restart': 5,
  'lost-tail': 8,
  forgetting: 4,
  wipe: 1,
  'log-outage': 3,
  'lost-doorbell': 7,
  'lost-reply': 10,
  cut: 8,
  silence: 5,
  delay: 4,
  sleep: 5,
  'wall-jump': 4,
  reload: 5,
  'page-crash': 8,
  offline: 6,
  slow: 7,
} as const

export type StruckFault = keyof typeof FAULT_WEIGHTS
/** Those that strike at a moment, and those that are part of the stage. */
export type FaultKind = StruckFault | 'retention' | 'quiet-tail' | 'adoption'
export const FAULT_KINDS: readonly FaultKind[] = [
  ...(Object.keys(FAULT_WEIGHTS) as StruckFault[]),
  'retention',
  'quiet-tail',
  'adoption',
]

export interface TabSettings {
  readonly name: string
  readonly user: string
  /** Tabs of one disk share their store and locks. */
  readonly disk: string
  readonly isShared: boolean
  /** How a reloaded page goes on: by its own offset, by the store's, or by its own with nothing stored. */
  readonly resume: 'offset' | 'store' | 'memory'
  readonly persists: boolean
  readonly isIdentityKnown: boolean
  readonly lingerMs: number
}

export interface Settings {
  readonly retention: Retention
  readonly bufferedBytes: number
  readonly heartbeatMs: number
  readonly idempotencyMs: number
  /** The life of a token; null: it does not end. */
  readonly tokenMs: number | null
  /** The longest tick of the hub: what comes up in one is sent together. */
  readonly tickMs: number
  readonly latencyMs: number
  /** Whether the log is another process than the hub. */
  readonly isLogRemote: boolean
  readonly tabs: readonly TabSettings[]
  /** Whether the doorbells of the very last messages are lost, and nothing comes after them. */
  readonly hasQuietTail: boolean
}

export interface PlannedFault {
  readonly at: number
  readonly kind: StruckFault
  /** The seed of its own choices. */
  readonly draw: number
}

export interface PlannedPublish {
  readonly at: number
  /** A tab's index, or null for the server. */
  readonly tab: number | null
  readonly channel: string
  readonly id: string
  readonly body: string
}

/** Readers that come and go while their tab stays. */
export interface PlannedChange {
  readonly at: number
  readonly tab: number
  readonly channel: string
  readonly change: 'join' | 'leave'
  readonly draw: number
}

export interface Plan {
  readonly settings: Settings
  readonly faults: readonly PlannedFault[]
  readonly publishes: readonly PlannedPublish[]
  readonly changes: readonly PlannedChange[]
}

export function planOf(seed: number): Plan {
  const chance = Chance.of(seed, 1)
  const settings = settingsOf(chance)
  return {
    settings,
    faults: faultsOf(chance),
    publishes: publishesOf(chance, settings.tabs.length),
    changes: changesOf(chance, settings.tabs.length),
  }
}

function settingsOf(chance: Chance): Settings {
  const isShared = chance.hits(0.5)
  const count = chance.between(2, 3)
  const tabs = Array.from({ length: count }, (_, at): TabSettings => {
    const isSharing = isShared && at < 2
    return {
      name: `tab${at + 1}`,
      user: isSharing ? 'ann' : `user${at + 1}`,
      disk: isSharing ? 'ann' : `user${at + 1}`,
      isShared: isSharing,
      resume: isSharing ? 'offset' : chance.one(['offset', 'store', 'store', 'memory']),
      persists: chance.hits(0.8),
      isIdentityKnown: chance.hits(0.5),
      lingerMs: chance.one([0, 500, 2_500]),
    }
  })
  return {
    retention: {
      maxEntries: chance.hits(0.35) ? chance.between(4, 20) : 10_000,
      maxAgeMs: chance.hits(0.15) ? chance.between(5_000, 20_000) : 86_400_000,
    },
    bufferedBytes: chance.hits(0.6) ? chance.between(500, 2_500) : 1_048_576,
    heartbeatMs: chance.one([4_000, 6_000, 10_000]),
    idempotencyMs: chance.hits(0.1) ? chance.between(15_000, 40_000) : 900_000,
    tokenMs: chance.hits(0.15) ? chance.between(8_000, 20_000) : null,
    tickMs: chance.one([0, 1, 2, 10]),
    latencyMs: chance.one([1, 8, 30]),
    isLogRemote: chance.hits(0.5),
    tabs,
    hasQuietTail: chance.hits(0.5),
  }
}

function faultsOf(chance: Chance): PlannedFault[] {
  const count = chance.between(3, 10)
  const faults = Array.from({ length: count }, (): PlannedFault => {
    return {
      at: chance.between(300, ACTIVE_MS - 1_000),
      kind: chance.weighted(FAULT_WEIGHTS),
      draw: chance.between(0, 2 ** 31),
    }
  })
  return faults.sort((a, b) => a.at - b.at)
}

function publishesOf(chance: Chance, tabs: number): PlannedPublish[] {
  const count = chance.between(40, 100)
  const publishes: PlannedPublish[] = []
  while (publishes.length < count) {
    const start = chance.between(200, ACTIVE_MS)
    const tab = chance.hits(0.35) ? null : chance.between(0, Math.min(tabs, 2) - 1)
    const channel = chance.one(CHANNELS)
    const spread = chance.one([0, 4, 400])
    for (let burst = chance.between(1, 8); burst > 0; burst--) {
      const number = publishes.length + 1
      const at = start + chance.between(0, spread)
      publishes.push({ at, tab, channel, id: `m${number}`, body: `body ${number} ${chance.between(0, 1e6)}` })
    }
  }
  return publishes.sort((a, b) => a.at - b.at)
}

function changesOf(chance: Chance, tabs: number): PlannedChange[] {
  return Array.from({ length: chance.between(0, 4) }, (): PlannedChange => {
    return {
      at: chance.between(1_000, ACTIVE_MS),
      tab: chance.between(0, tabs - 1),
      channel: chance.one(CHANNELS),
      change: chance.one(['join', 'join', 'leave']),
      draw: chance.between(0, 2 ** 31),
    }
  })
}
