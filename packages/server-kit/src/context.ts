/** What the parts of one hub share. */
import type { Channels } from './channels.ts'
import type { Clients } from './clients.ts'
import type { Events } from './events.ts'
import type { FanOut } from './fan-out.ts'
import type { Log } from './log/log.ts'
import type { Offsets } from './offsets.ts'
import type { HubConfig } from './options.ts'
import type { Publisher } from './publisher.ts'
import type { Pulse } from './pulse.ts'
import type { Replays } from './replays.ts'
import type { Sweeper } from './sweeper.ts'
import type { Work } from './work.ts'

export interface HubContext {
  readonly config: HubConfig
  readonly log: Log
  /** Names this hub object; another start has another name. */
  readonly node: string
  readonly pulse: Pulse
  readonly events: Events
  readonly fanOut: FanOut
  readonly channels: Channels
  readonly clients: Clients
  readonly replays: Replays
  readonly publisher: Publisher
  /** Resolves when the log is open; what follows may be used after it. */
  readonly ready: Promise<void>
  readonly offsets: Offsets
  readonly isDraining: boolean
  readonly work: Work
  readonly sweeper: Sweeper
}
