import type { HistoryEvent } from '../history.ts'
import { type Position, STATED } from './knowledge.ts'
import { contains, type Entry, endOf, entryAt, nameOf, type Report } from './log.ts'
import { joint, lostBy, missing, type Reader } from './reader.ts'

type Gap = Extract<HistoryEvent, { kind: 'gap' }>

const nameGap = ({ reason, from, to, resumeAt }: Gap): string =>
  `gap ${reason} ${from} to ${to}, resumeAt ${nameOf(resumeAt)}`

const list = (entries: readonly Entry[]): string => entries.map((entry) => nameOf(entry)).join(', ')

/** A gap must be true, exact, and in its place; then the reader has been told. */
export function checkGap(reader: Reader, gap: Gap, wipes: number, index: number, report: Report): void {
  const text = `reader ${gap.reader}, channel ${gap.channel}, at ${nameOf(reader.place)}: ${nameGap(gap)}`
  const tell: Report = (rule, why) => report(rule, `${text}: ${why}`)
  const resumeAt = gap.resumeAt === null ? null : reader.log.find(gap.resumeAt)
  if (gap.resumeAt !== null && gap.resumeAt.seq > 0 && resumeAt === null) {
    tell('gap-range', 'nothing was ever stored at that position')
    return
  }
  if (gap.reason === 'retention') {
    retention(reader, gap, resumeAt, tell)
    return
  }
  if (gap.reason === 'lost-tail') {
    lostTail(reader, gap, resumeAt, index, tell)
    return
  }
  if (gap.reason === 'reset') {
    reset(reader, gap, resumeAt, wipes, index, tell)
    return
  }
  tell('false-gap', 'nothing in this history is a reason for it')
}

/** It names what was trimmed and not given, from the reader's position on. */
function retention(reader: Reader, gap: Gap, resumeAt: Entry | null, tell: Report): void {
  const { from, to } = gap
  if (from === null || to === null || from > to || from < 1) {
    tell('gap-range', 'expected an exact range')
    return
  }
  if (resumeAt === null || resumeAt.seq !== to) {
    tell('gap-range', `expected resumeAt at ${to}`)
    return
  }
  if (!resumeAt.trimmed) {
    tell('false-gap', `${nameOf(resumeAt)} was not trimmed`)
    return
  }
  const named: Entry[] = []
  for (let entry: Entry | null = resumeAt; entry !== null && entry.seq >= from; entry = entry.below)
    named.unshift(entry)
  const given = named.filter((entry) => reader.wasGivenNow(entry))
  if (given.length > 0) tell('false-gap', `the reader has been given ${list(given)}`)
  const start = joint(reader, resumeAt)
  if (start.isUnknown) tell('loss-untold', "none of the reader's terms is in the log; expected a reset")
  if (start.base !== null && from <= start.base.seq)
    tell('gap-range', `expected it above ${nameOf(reader.place)}`)
  const open = missing(reader, start, entryAt(resumeAt, from - 1))
  if (open.length > 0) tell('hole', `expected before it ${list(open)}`)
  for (const entry of named) {
    hear(reader, entry, reader.log.losses + 1, tell)
    if (entry.lost !== null) settle(reader, lostBy(reader.log, entry))
  }
  reader.moveTo(gap.resumeAt)
}

/** It names what was lost of one term: by a marker, or because the reader itself was there. */
function lostTail(reader: Reader, gap: Gap, resumeAt: Entry | null, index: number, tell: Report): void {
  if (gap.to === null || (gap.from !== null && gap.from > gap.to)) {
    tell('gap-range', 'expected an exact range')
    return
  }
  const near: string[] = []
  for (const isNews of [true, false])
    for (const terms of termsOf(reader, gap, resumeAt)) {
      const lost = new Set<Entry>()
      for (const term of terms) {
        const gone = goneOf(reader, gap, term, index)
        if (gone.length === 0 || (isNews && gone.every((entry) => reader.wasTold(entry)))) continue
        const why = explain(reader, gap, term)
        if (why === 'yes') for (const entry of gone) lost.add(entry)
        else if (isNews) near.push(`of ${term}: ${why}`)
      }
      if (lost.size === 0) continue
      for (const entry of lost) hear(reader, entry, Math.max(1, reader.log.losses), tell)
      settle(reader, lost)
      follow(reader, gap, resumeAt, tell)
      return
    }
  if (near.length === 0) tell('false-gap', 'these were not lost')
  else tell('gap-range', `not what was lost and not told; ${near.join('; ')}`)
}

/** What the gap names, if it were of this term; nothing where that was not all lost. */
function goneOf({ log }: Reader, { from, to }: Gap, term: string, index: number): Entry[] {
  if (to === null) return []
  const gone = [...log.entriesOf(term)].filter(
    (entry) => entry.seq >= (from ?? 0) && entry.seq <= to && entry.goneAt < index,
  )
  const isWhole = gone.at(-1)?.seq === to && (from === null || gone.length === to - from + 1)
  return isWhole ? gone : []
}

/**
 * Whose loss it may be: of the term that it names. Where it names none, the likeliest first: of the term that reading
 * goes on in, of the marker that stands where the gap was told, of any term.
 */
function termsOf(
  reader: Reader,
  { term: named, from, to, resumeAt: at }: Gap,
  resumeAt: Entry | null,
): Iterable<string>[] {
  if (named) return [[named]]
  const { log } = reader
  if (at === null) return [log.terms()]
  const here = log.markers.filter((marker) => {
    const { term, to: end } = marker.lost ?? { term: '', to: null }
    const isHere = marker === resumeAt || marker.below === resumeAt
    return isHere && to !== null && end !== null && end >= to && end <= toldEnd(reader, term, to)
  })
  const marker = here.find((each) => reader.untoldOf(each).length > 0) ?? here[0]
  const byMarker = marker?.lost ? [marker.lost.term] : []
  const byPosition = from !== null && at.seq === from - 1 ? [at.term] : []
  // A reader is sent back by its own position, and passes a marker forwards.
  const place = reader.place === null ? null : log.find(reader.place)
  const isBack = place !== null && (resumeAt === null || contains(place, resumeAt))
  const isNews = marker !== undefined && reader.untoldOf(marker).length > 0
  const nearest = isBack || !isNews ? [byPosition, byMarker] : [byMarker, byPosition]
  return [...nearest, log.terms()]
}

/** Why a `lost-tail` of this range may be told of a term: a marker says so, or the reader's own position. */
function explain(reader: Reader, { from, to, resumeAt }: Gap, term: string): string {
  const { log } = reader
  const floors = log.floorsOf(term)
  const before = from === null ? null : log.find({ term, seq: from - 1 })
  const isAfterTold = before !== null && reader.wasTold(before)
  for (const { lost } of log.markers) {
    // It may tell a marker's range in parts: what is left of it is told before the reader passes the marker.
    const isWithin = lost?.to != null && lost.to >= (to ?? 0) && (lost.from ?? 0) <= (from ?? 0)
    if (lost?.term === term && isWithin && (from === lost.from || isAfterTold)) return 'yes'
  }
  const end = toldEnd(reader, term, to ?? 0)
  const first = Math.min(...[...log.entriesOf(term)].map((entry) => entry.seq))
  const reached = [...reader.reachesIn(term), first - 1]
  const isOwnEnd = reached.some(
    (seq) => (seq >= (to ?? 0) && seq <= end) || (seq < (to ?? 0) && isPassed(reader, term, seq, to ?? 0)),
  )
  if (!isOwnEnd) return `no marker ends at ${to}, and the reader was at ${reached[0]}`
  if (from === null) return endOf(log.top, term) === null ? 'yes' : 'the log knows this term'
  if (!floors.has(from) && !isAfterTold) return `expected it from ${[...floors].join(' or ')}`
  if (resumeAt !== null && !isToldBetween(reader, resumeAt, term, from))
    return `expected resumeAt at ${from - 1}`
  return 'yes'
}

/** A gap names what is new of a loss, and goes back to where the whole of it begins: what lies between was told before. */
function isToldBetween(reader: Reader, resumeAt: Position, term: string, from: number): boolean {
  if (resumeAt.seq >= from) return false
  for (let seq = resumeAt.seq + 1; seq < from; seq++) {
    const entry = reader.log.find({ term, seq })
    if (entry === null || !reader.wasTold(entry)) return false
  }
  return true
}

/** A gap names what is new: where it ends before a loss that was told already, it stands for that too. */
function toldEnd(reader: Reader, term: string, to: number): number {
  let end = to
  for (;;) {
    const next = reader.log.find({ term, seq: end + 1 })
    if (next === null || !reader.wasTold(next)) return end
    end += 1
  }
}

/** Whether everything of a term in (seq, to] is what a reader passes without being given it. */
function isPassed(reader: Reader, term: string, seq: number, to: number): boolean {
  for (let next = seq + 1; next <= to; next++) {
    const entry = reader.log.find({ term, seq: next })
    if (entry === null || !(reader.mayPass(entry) || reader.wasTold(entry))) return false
  }
  return true
}

/** It needs a log that was wiped, or one that has lost the whole of the reader's terms. */
function reset(
  reader: Reader,
  gap: Gap,
  resumeAt: Entry | null,
  wipes: number,
  index: number,
  tell: Report,
): void {
  const { place, log } = reader
  const isUnknown = place !== null && isForgotten(reader, place, index)
  const wasWiped = wipes > reader.wipesTold
  const known = reader.statedPositions().find((position) => {
    const entry = log.find(position)
    const isStated = entry !== null && log.termsAfter(entry, Number.POSITIVE_INFINITY) < STATED
    return isStated && endOf(log.top, position.term) !== null
  })
  if (!isUnknown && !wasWiped) tell('false-gap', 'the log knows the position')
  else if (!wasWiped && known !== undefined)
    tell('false-gap', `the log knows ${nameOf(known)}, which the reader had`)
  if (resumeAt !== null && !resumeAt.trimmed)
    tell('gap-range', `expected resumeAt below the earliest retained, and ${nameOf(resumeAt)} is retained`)
  reader.wipesTold = Math.min(wipes, reader.wipesTold + 1)
  reader.reset(index)
  reader.moveTo(gap.resumeAt)
}

/** Whether the log has forgotten the term of a position, or of what the reader passed over unseen behind it. */
function isForgotten(reader: Reader, place: Position, index: number): boolean {
  const { log } = reader
  if (place.seq === 0 ? log.hasEnded(place.term, index) : endOf(log.top, place.term) === null) return true
  const entry = log.find(place)
  for (const term of log.terms())
    for (const above of log.entriesOf(term))
      if (above.below === entry && endOf(log.top, term) === null && reader.mayPass(above)) return true
  return false
}

/** The gap has moved the position: nothing may be passed over by it, and nothing given may come again. */
function follow(reader: Reader, gap: Gap, resumeAt: Entry | null, tell: Report): void {
  if (gap.resumeAt === null) return
  const place = reader.place === null ? null : reader.log.find(reader.place)
  if (place !== null && resumeAt !== null && place !== resumeAt && contains(place, resumeAt)) {
    if (place.goneAt === Number.POSITIVE_INFINITY && reader.wasGivenNow(place))
      tell('gap-range', 'it goes back below what the log still has')
  } else {
    const start = joint(reader, resumeAt)
    const open = missing(reader, start, resumeAt)
    if (open.length > 0) tell('hole', `expected before it ${list(open)}`)
    reader.pass(start.base, resumeAt)
  }
  reader.moveTo(gap.resumeAt)
}

/** Each loss is told once; a later loss may send the reader back, and make the log name it again. */
function hear(reader: Reader, entry: Entry, most: number, tell: Report): void {
  const times = (reader.told.get(entry) ?? 0) + 1
  reader.told.set(entry, times)
  if (times > most) tell('gap-twice', `${nameOf(entry)} was told already`)
}

function settle(reader: Reader, entries: Iterable<Entry>): void {
  const told = new Set(entries)
  const open = reader.losses.filter((loss) => !told.has(loss.entry))
  reader.losses.splice(0, reader.losses.length, ...open)
}
