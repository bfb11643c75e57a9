/** What the cases of the log suite are written with. */

import type { Random } from '@holdfast/core/ports'
import { type Item, isLostItem, type Position } from '@holdfast/core/protocol'
import type { VirtualClock } from '@holdfast/core/testing'
import type {
  AppendRequest,
  AppendResult,
  Claim,
  Log,
  NewEntry,
  ReadFrom,
  ReadRequest,
  ReadResult,
} from '@holdfast/server-kit'

/** A log under test, with the faults that its store can have. */
export interface LogHarness {
  /** The log as it is now; another object after a restart. */
  readonly log: Log
  /** Ends the engine and starts it again on everything that it had written. */
  restart(): Promise<void>
  /** Remembers what the store holds now. */
  mark(): Promise<void>
  /** A failover, or an old backup: the engine starts on what the store held at the mark. */
  rollback(): Promise<void>
  stop(): Promise<void>
}

export interface LogSurroundings {
  readonly clock: VirtualClock
  readonly random: Random
}

export const MINUTE: number = 60_000
export const HOUR: number = 60 * MINUTE
/** The window of message ids in these cases. */
export const WINDOW: number = 15 * MINUTE
export const KEEP_ALL: AppendRequest['retention'] = { maxEntries: 100_000, maxAgeMs: 24 * HOUR }

export class LogKit {
  readonly harness: LogHarness
  readonly clock: VirtualClock

  constructor(harness: LogHarness, clock: VirtualClock) {
    this.harness = harness
    this.clock = clock
  }

  get log(): Log {
    return this.harness.log
  }

  request(ids: readonly string[], more: Partial<AppendRequest> = {}): AppendRequest {
    return {
      entries: ids.map((id) => entry(id)),
      identity: 'ann',
      idempotencyMs: WINDOW,
      retention: KEEP_ALL,
      ...more,
    }
  }

  append(channel: string, ids: readonly string[], more: Partial<AppendRequest> = {}): Promise<AppendResult> {
    return this.log.append(channel, this.request(ids, more))
  }

  /** Appends what must be taken; answers the position of the last entry. */
  async appended(
    channel: string,
    ids: readonly string[],
    more: Partial<AppendRequest> = {},
  ): Promise<Position> {
    const result = await this.append(channel, ids, more)
    if (result.outcome !== 'appended') throw new Error(`expected it to be appended, not ${result.outcome}`)
    return result.last
  }

  /** The code of an append that must be refused. */
  async refused(channel: string, ids: readonly string[], more: Partial<AppendRequest> = {}): Promise<string> {
    const result = await this.append(channel, ids, more)
    if (result.outcome !== 'refused') throw new Error(`expected it to be refused, not ${result.outcome}`)
    return result.code
  }

  read(channel: string, at: ReadFrom, more: Partial<ReadRequest> = {}): Promise<ReadResult> {
    return this.log.read(channel, { at, limit: 1_000, ...more })
  }

  /** What a reader sees that holds these positions, as short texts. */
  async resumed(
    channel: string,
    positions: readonly Position[],
    claims: readonly Claim[] = [],
  ): Promise<string[]> {
    return described(await this.read(channel, { positions }, { claims }))
  }

  async seen(channel: string, at: ReadFrom = { from: 'earliest' }): Promise<string[]> {
    return described(await this.read(channel, at))
  }
}

/** An entry whose body names its id; equal texts have equal digests. */
export function entry(id: string, text: string = id): NewEntry {
  return { id, digest: { value: `digest of ${text}` }, body: JSON.stringify({ id, data: text }) }
}

/** Ids `m<from>` to `m<to>`. */
export function ids(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, at) => `m${from + at}`)
}

/** Gaps as `lost-tail 99-100 then 98`, entries as `100 m100`, markers as `99 lost 99-100`. */
export function described(result: ReadResult): string[] {
  const gaps = result.gaps.map(
    ({ reason, from, to, resumeAt }) => `${reason} ${range(from, to)} then ${resumeAt.seq}`,
  )
  return [...gaps, ...entriesOf(result)]
}

export function entriesOf({ runs }: Pick<ReadResult, 'runs'>): string[] {
  return runs.flatMap((run) =>
    run.bodies.map((body, at) => {
      const item = JSON.parse(body) as Item
      const what = isLostItem(item)
        ? `lost ${range(item.lost.from, item.lost.to)}`
        : 'id' in item
          ? item.id
          : body
      return `${run.seq + at} ${what}`
    }),
  )
}

/** `entriesOf` of messages m<from> to m<to> at seqs from `seq` on. */
export function messages(from: number, to: number, seq: number = from): string[] {
  return ids(from, to).map((id, at) => `${seq + at} ${id}`)
}

function range(from: number | null, to: number | null): string {
  return from === null && to === null ? '?' : `${from ?? '?'}-${to}`
}

/** One thing that holds for every log. `row` is its row in docs/acceptance.md. */
export interface LogCase {
  readonly row?: string
  readonly title: string
  /** The fault that the case needs of the harness. */
  readonly needs?: LogCapability
  run(kit: LogKit): Promise<void>
}

export type LogCapability = 'restart' | 'rollback'
