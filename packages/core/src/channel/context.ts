import type { HoldfastError } from '../errors.ts'
import type { Publish, PublishInput, PublishOptions } from '../outbox/publish.ts'
import type { Clock } from '../ports/index.ts'
import type { OkFrame } from '../protocol/index.ts'
import type { CachedChannel, CachedMessage, ChannelRecord } from '../stores/store.ts'
import type { Channel } from './channel.ts'
import type { HistoryOptions } from './history.ts'
import type { SequencerMutant } from './sequencer.ts'

/** What a channel needs of its client. */
export interface ChannelContext {
  readonly clock: Clock
  /** How long an unused channel stays subscribed on the wire, in milliseconds. */
  readonly lingerMs: number
  readonly mutants: ReadonlySet<SequencerMutant>
  /** Whether there is a session, and its identity's data is open. */
  readonly isUp: boolean
  /** Connects, unless the application has disconnected. */
  connect(): void
  /** Asks the server for a subscription; `channel.subscribed` or `channel.failed` follows. */
  subscribe(channel: Channel): void
  /** Gives a subscription up; `channel.unsubscribed` follows while the session lives. */
  unsubscribe(channel: Channel): void
  publish(channel: string, messages: readonly PublishInput[], options: PublishOptions): Publish
  history(channel: string, options: HistoryOptions): Promise<OkFrame>
  /** What the store holds, once it is known whose data is meant. */
  restore(channel: string): Promise<CachedChannel | null>
  /** As `restore`, but answers within a time even if that is never known. */
  peek(channel: string): Promise<CachedChannel | null>
  commit(channel: string, record: ChannelRecord, messages: readonly CachedMessage[]): void
  /** An error that belongs to no call of the application's. */
  report(error: HoldfastError): void
}
