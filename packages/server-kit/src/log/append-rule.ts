/**
 * Whether an append is taken, is one that was taken before, or is refused. Pure: everything is decided here before
 * anything is written. The order of the checks is part of the contract: idempotency, closed, producer, `ifTop`.
 */
import { type Position, samePosition } from '@holdfast/core/protocol'
import type { LogMutant } from './lineage.ts'
import type { AppendRequest, AppendResult, Digest, Producer } from './log.ts'

/** What is remembered of an id. */
export interface KnownId {
  readonly seq: number
  readonly digest: Digest
  readonly expiresAt: number
}

/** What is remembered of a producer: its last append and where that stands. */
export interface ProducerRecord {
  readonly epoch: number
  readonly seq: number
  readonly first: number
  readonly last: number
}

/** What a channel remembers of earlier appends. */
export interface AppendMemory {
  known(identity: string, id: string): KnownId | undefined
  producer(id: string): ProducerRecord | undefined
}

export interface AppendFacts {
  readonly isClosed: boolean
  readonly top: Position
  readonly now: number
  readonly mutants: ReadonlySet<LogMutant>
  readonly memory: AppendMemory
}

type RefusalCode = Extract<AppendResult, { outcome: 'refused' }>['code']

export type Verdict =
  | { readonly outcome: 'append' }
  | { readonly outcome: 'duplicate'; readonly first: number; readonly last: number }
  | { readonly outcome: 'refused'; readonly code: RefusalCode }

const APPEND: Verdict = { outcome: 'append' }

export function decideAppend(request: AppendRequest, facts: AppendFacts): Verdict {
  const { producer, entries, close, ifTop } = request
  const record = producer && facts.memory.producer(producer.id)
  const known = producer ? knownToProducer(producer, record) : knownByIds(request, facts)
  if (known) return known
  if (facts.isClosed) {
    if (entries.length > 0) return refused('channel_closed')
    if (close) return { outcome: 'duplicate', first: facts.top.seq, last: facts.top.seq }
  }
  const outOfTurn = producer && checkTurn(producer, record)
  if (outOfTurn) return outOfTurn
  if (ifTop && !samePosition(ifTop, facts.top)) return refused('conflict')
  return APPEND
}

/** The answer that the ids give, or null where they are new. */
function knownByIds(request: AppendRequest, facts: AppendFacts): Verdict | null {
  const { entries, identity, ageMs = 0, idempotencyMs } = request
  if (entries.length === 0) return null
  if (entries.length > 1 && new Set(entries.map(({ id }) => id)).size < entries.length) {
    return refused('idempotency_conflict')
  }
  let first = 0
  let matches = 0
  for (let at = 0; at < entries.length; at++) {
    const entry = entries[at] as (typeof entries)[number]
    const known = facts.mutants.has('no-dedupe') ? undefined : facts.memory.known(identity, entry.id)
    if (!known || !isRemembered(known, ageMs, idempotencyMs, facts.now)) continue
    if (known.digest.value !== entry.digest.value) return refused('idempotency_conflict')
    if (at === 0) first = known.seq
    // The answer names the first position only; ids that do not stand in this order were sent otherwise before.
    if (known.seq !== first + at) return refused('idempotency_conflict')
    matches++
  }
  if (matches === entries.length) return { outcome: 'duplicate', first, last: first + matches - 1 }
  if (matches > 0) return refused('idempotency_conflict')
  return ageMs > idempotencyMs ? refused('idempotency_expired') : null
}

/**
 * A resend within the window, by its sender's count, is answered from a record that is still there even where our
 * own clock says that the record is too old: that clock may have jumped.
 */
function isRemembered(known: KnownId, ageMs: number, idempotencyMs: number, now: number): boolean {
  return known.expiresAt > now || (ageMs > 0 && ageMs <= idempotencyMs)
}

/** An append that the producer made before. Only its last one's position is kept; earlier ones answer with it. */
function knownToProducer(producer: Producer, record: ProducerRecord | undefined): Verdict | null {
  if (!record || producer.epoch !== record.epoch || producer.seq > record.seq) return null
  return { outcome: 'duplicate', first: record.first, last: record.last }
}

function checkTurn(producer: Producer, record: ProducerRecord | undefined): Verdict | null {
  if (record && producer.epoch < record.epoch) return refused('producer_fenced')
  const expected = record && producer.epoch === record.epoch ? record.seq + 1 : 0
  return producer.seq === expected ? null : refused('producer_gap')
}

function refused(code: RefusalCode): Verdict {
  return { outcome: 'refused', code }
}
