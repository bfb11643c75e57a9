import type { KnownId, ProducerRecord } from './append-rule.ts'
import type { EntryKey, Shelf } from './channel-log.ts'

/** Trimmed entries that may wait at the front of the arrays, before half of them are moved. */
const SLACK = 1_024
/** Expired ids dropped with each append, so that they do not pile up between sweeps. */
const FORGET_PER_PUT = 2

/** Entries of one channel in arrays, the first of which is the entry `#before` + 1. */
export class MemoryShelf implements Shelf {
  #before: number
  /** Entries up to this one count as gone. */
  #trimmed: number
  #bodies: string[] = []
  #times: number[] = []
  /** By identity, then id; in the order of appending, which is nearly that of expiry. */
  readonly #ids = new Map<string, Map<string, KnownId>>()
  readonly #producers = new Map<string, ProducerRecord>()

  constructor(before = 0) {
    this.#before = before
    this.#trimmed = before
  }

  put(seq: number, time: number, body: string, key: EntryKey | null): void {
    // A deletion takes a seq without an entry; the channel goes on above it.
    if (this.#bodies.length === 0) this.#before = seq - 1
    this.#bodies.push(body)
    this.#times.push(time)
    if (!key) return
    let ids = this.#ids.get(key.identity)
    if (!ids) {
      ids = new Map()
      this.#ids.set(key.identity, ids)
    }
    this.#forgetExpired(ids, key.rememberedAt, FORGET_PER_PUT)
    // Set anew, so that the id moves to the end of the order.
    ids.delete(key.id)
    ids.set(key.id, { seq, digest: key.digest, expiresAt: key.expiresAt })
  }

  bodies(from: number, to: number, maxLength: number): string[] {
    const first = from - this.#before - 1
    const page = this.#bodies.slice(first, to - this.#before)
    if (maxLength === Number.POSITIVE_INFINITY) return page
    let length = 0
    for (let at = 0; at < page.length; at++) {
      length += (page[at] as string).length
      if (length > maxLength && at > 0) return page.slice(0, at)
    }
    return page
  }

  lastBodies(from: number, to: number, maxLength: number): string[] {
    const page = this.bodies(from, to, Number.POSITIVE_INFINITY)
    let length = 0
    for (let at = page.length - 1; at >= 0; at--) {
      length += (page[at] as string).length
      if (length > maxLength && at < page.length - 1) return page.slice(at + 1)
    }
    return page
  }

  timeOf(seq: number): number {
    return this.#times[seq - this.#before - 1] as number
  }

  trim(seq: number): void {
    this.#trimmed = seq
    const trimmed = seq - this.#before
    if (trimmed < this.#bodies.length && (trimmed < SLACK || trimmed < this.#bodies.length / 2)) return
    this.#bodies = this.#bodies.slice(trimmed)
    this.#times = this.#times.slice(trimmed)
    this.#before = seq
  }

  known(identity: string, id: string): KnownId | undefined {
    return this.#ids.get(identity)?.get(id)
  }

  producer(id: string): ProducerRecord | undefined {
    return this.#producers.get(id)
  }

  setProducer(id: string, record: ProducerRecord): void {
    this.#producers.set(id, record)
  }

  clear(seq: number): void {
    this.#bodies = []
    this.#times = []
    this.#before = seq
    this.#trimmed = seq
    this.#producers.clear()
  }

  forget(now: number): void {
    for (const [identity, ids] of this.#ids) {
      this.#forgetExpired(ids, now, Number.POSITIVE_INFINITY)
      if (ids.size === 0) this.#ids.delete(identity)
    }
  }

  /** Loses what lies above `top`, ids and producers included: a fault for the simulation. */
  lose(top: number): void {
    this.#bodies.length = Math.max(0, top - this.#before)
    this.#times.length = this.#bodies.length
    for (const ids of this.#ids.values()) for (const [id, { seq }] of ids) if (seq > top) ids.delete(id)
    for (const [id, { last }] of this.#producers) if (last > top) this.#producers.delete(id)
  }

  /**
   * Drops ids from the oldest on, up to the first that has not expired or whose entry is there: a clock that jumps must
   * not make a resend of it new.
   */
  #forgetExpired(ids: Map<string, KnownId>, now: number, most: number): void {
    let dropped = 0
    for (const [id, { expiresAt, seq }] of ids) {
      if (expiresAt > now || seq > this.#trimmed || dropped++ >= most) return
      ids.delete(id)
    }
  }
}
