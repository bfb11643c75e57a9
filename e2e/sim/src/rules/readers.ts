import type { HistoryEvent } from '../history.ts'
import { checkGap } from './gaps.ts'
import { STATED } from './knowledge.ts'
import { contains, type Entry, endOf, keyOf, type Logs, nameOf, type Report } from './log.ts'
import { joint, missing, Reader } from './reader.ts'

type Of<K extends HistoryEvent['kind']> = Extract<HistoryEvent, { kind: K }>

export const describe = (entries: readonly Entry[]): string =>
  entries
    .map((entry) => `${nameOf(entry)} ${entry.message?.id ?? `marker of ${JSON.stringify(entry.lost)}`}`)
    .join(', ')

/** What readers were given and told, against what the log has. */
export class Readers {
  readonly #readers = new Map<string, Reader>()
  readonly #logs: Logs

  constructor(logs: Logs) {
    this.#logs = logs
  }

  subscribed(event: Of<'subscribed'>, index: number, report: Report): void {
    const resumed = event.resumes === null ? null : (this.#readers.get(event.resumes) ?? null)
    if (event.resumes !== null && resumed === null)
      report('history', `reader ${event.reader} resumes ${event.resumes}, which never was`)
    if (resumed !== null && resumed.ended === null) resumed.ended = `continued by ${event.reader}`
    const { after } = event
    const earlier = this.#before(event)
    const previous = resumed ?? earlier.find((each) => after !== null && each.knows(after)) ?? null
    const log = this.#logs.of(event.channel)
    const reader = new Reader(event, log, earlier, previous, this.#logs.wipes)
    for (const kept of event.stored?.messages ?? []) {
      const message = log.find(kept)?.message
      if (!message || keyOf(message.sender, message.id) !== keyOf(kept.sender, kept.id))
        report('phantom', `reader ${event.reader}: ${kept.id} in its store, never stored at ${nameOf(kept)}`)
    }
    const entry = after === null ? null : log.find(after)
    if (entry !== null && entry.goneAt < index) reader.losses.push({ entry, isClaimable: false })
    this.#readers.set(event.reader, reader)
  }

  delivered(event: Of<'delivered'>, index: number, report: Report): void {
    const reader = this.#live(event, report)
    if (reader === null) return
    const where = `reader ${event.reader}, channel ${event.channel}, ${nameOf(event)} ${event.id}`
    const entry = reader.log.find(event)
    if (entry === null) {
      report('phantom', `${where}: delivered, but never stored there`)
      return
    }
    if (entry.message === null) {
      report('phantom', `${where}: delivered, but a loss marker stands there`)
      return
    }
    if (!checkIntegrity(event, entry.message, where, report)) return
    const first = reader.secondOf(entry)
    if (first !== null) {
      report('once', `${where}: delivered again, first as ${nameOf(first)}`)
      if (first === entry) return
    }
    if (reader.told.has(entry)) report('told-gone', `${where}: delivered after a gap said that it is gone`)
    this.#checkOrder(reader, entry, where, report)
    reader.give(entry)
    if (entry.goneAt < index) reader.losses.push({ entry, isClaimable: true })
  }

  gap(event: Of<'gap'>, index: number, report: Report): void {
    const reader = this.#live(event, report)
    if (reader !== null) checkGap(reader, event, this.#logs.wipes, index, report)
  }

  left(event: Of<'left'>, report: Report): void {
    const reader = this.#readers.get(event.reader)
    if (reader === undefined) {
      report('history', `reader ${event.reader} left, but never was`)
      return
    }
    reader.ended = 'left'
  }

  wiped(gone: readonly Entry[]): void {
    this.lost(gone)
    for (const reader of this.#readers.values()) reader.wiped()
  }

  /** Entries are gone: whoever was given one of them has to be told. */
  lost(gone: readonly Entry[]): void {
    for (const reader of this.#readers.values()) {
      if (reader.ended !== null) continue
      for (const entry of gone) {
        const isAfter = reader.after !== null && reader.log.find(reader.after) === entry
        if (reader.wasGivenNow(entry)) reader.losses.push({ entry, isClaimable: true })
        else if (isAfter) reader.losses.push({ entry, isClaimable: false })
      }
    }
  }

  end(report: Report): void {
    for (const reader of this.#readers.values()) {
      if (reader.ended !== null) continue
      const top = reader.log.top
      const where = `reader ${reader.name}, channel ${reader.log.name}, at ${nameOf(reader.place)}`
      const open = missing(reader, joint(reader, top), top)
      if (open.length > 0) report('liveness', `${where}, log at ${nameOf(top)}: never came ${describe(open)}`)
      for (const { entry, isClaimable } of reader.losses)
        if (
          !reader.wasTold(entry) &&
          (endOf(top, entry.term) !== null || (isClaimable && !reader.hasOutlived(entry.term)))
        )
          report('loss-untold', `${where}: was given ${describe([entry])}, which was lost, and never told`)
      this.#checkMarked(reader, where, report)
    }
  }

  /** Whoever lives and was given what the log then lost has claimed it by its signed offsets: a marker tells everybody. */
  #checkMarked(reader: Reader, where: string, report: Report): void {
    const { log } = reader
    for (const term of log.terms())
      for (const entry of log.entriesOf(term)) {
        if (!reader.wasGivenNow(entry) || entry.goneAt <= this.#logs.wipedAt) continue
        if (entry.goneAt === Number.POSITIVE_INFINITY || log.termsAfter(entry, entry.goneAt) >= STATED)
          continue
        const isMarked = log.markers.some(
          ({ lost, stored }) =>
            lost?.term === term &&
            stored > entry.goneAt &&
            entry.seq >= (lost.from ?? 0) &&
            entry.seq <= (lost.to ?? 0),
        )
        if (!isMarked)
          report('marker-missing', `${where}: was given ${describe([entry])}, lost without a marker`)
      }
  }

  /** The readers of its tab that there are or were, the latest first. */
  #before({ tab, channel }: Of<'subscribed'>): readonly Reader[] {
    const all = [...this.#readers.values()].filter((each) => each.tab === tab && each.log.name === channel)
    return all.reverse()
  }

  #checkOrder(reader: Reader, entry: Entry, where: string, report: Report): void {
    const head = entry.below
    const at = `${where}, after ${nameOf(reader.place)}`
    const place = reader.place === null ? null : reader.log.find(reader.place)
    if (place !== null && !contains(head, place) && place.goneAt > entry.stored) {
      report('order', `${at}: the reader is past it, or in a newer lineage`)
      return
    }
    const from = joint(reader, head, entry.stored)
    if (from.isUnknown)
      report('loss-untold', `${at}: none of the reader's terms is in the log; expected a reset`)
    const open = missing(reader, from, head)
    reader.pass(from.base, head)
    if (open.length > 0) report('hole', `${at}: expected before it ${describe(open)}`)
    if (from.base !== null && from.base.seq >= entry.seq) report('order', `${at}: the reader is past it`)
    for (const loss of [...reader.losses]) {
      const isKnown = loss.entry.goneAt < entry.stored && endOf(head, loss.entry.term) !== null
      // A page that it resumes may have been told, and closed before the application moved its offset.
      if (!isKnown || loss.entry.term === entry.term || reader.wasTold(loss.entry)) continue
      report('loss-untold', `${at}: expected before it a gap for ${describe([loss.entry])}, which was lost`)
      reader.losses.splice(reader.losses.indexOf(loss), 1)
    }
  }

  #live(event: Of<'delivered' | 'gap'>, report: Report): Reader | null {
    const reader = this.#readers.get(event.reader)
    const what = event.kind === 'gap' ? `gap ${event.reason}` : `${nameOf(event)} ${event.id}`
    if (reader === undefined || reader.log.name !== event.channel) {
      report('history', `reader ${event.reader}: ${what} of ${event.channel}, which it does not read`)
      return null
    }
    if (reader.ended === null) return reader
    report(
      'ended',
      `reader ${event.reader}, channel ${event.channel}: ${what} after it ended (${reader.ended})`,
    )
    return null
  }
}

function checkIntegrity(
  event: Of<'delivered'>,
  message: NonNullable<Entry['message']>,
  where: string,
  report: Report,
): boolean {
  if (keyOf(event.sender, event.id) !== keyOf(message.sender, message.id)) {
    report('integrity', `${where} of ${event.sender}: ${message.id} of ${message.sender} is stored there`)
    return false
  }
  if (event.body !== message.body)
    report('integrity', `${where}: expected body ${message.body}, got ${event.body}`)
  return true
}
