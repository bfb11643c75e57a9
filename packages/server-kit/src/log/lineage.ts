/**
 * The lineage of a channel: which term wrote which seqs. It says where each term ended, and so what a party that
 * saw more of a term has lost. Values only; the engines store them.
 *
 * Rules: a term that has no entry yet is pending and never stored; starting another replaces it. The pairs outlive
 * the entries that retention trims. A loss is marked once for each claim that raises it.
 */

import { type Random, randomText } from '@holdfast/core/ports'
import { formatTerm, type LostItem, type Position, termCounter } from '@holdfast/core/protocol'
import type { Claim } from './log.ts'

/** Terms kept a channel; older ones are folded into one counter. */
export const KEPT_TERMS = 1_024

/** Base-36 digits of a term's random part: 64 bits and a little more. */
const LINEAGE_DIGITS = 13

export interface TermStart {
  readonly term: string
  /** The seq of its first entry. */
  readonly first: number
}

/** A loss that stands in the log: the entry `seq` tells that `term` was lost up to `to`. */
export interface Marker {
  readonly term: string
  readonly to: number
  readonly seq: number
}

export interface Lineage {
  /** Oldest first, each with at least one entry. */
  readonly terms: readonly TermStart[]
  /** The counter of the newest folded term: what is not above it is not judged any more. */
  readonly folded: number
  /** The term that the next entry starts. */
  readonly pending: string | null
  readonly markers: readonly Marker[]
  /** The seq that the last deletion of the channel took; 0 for none. */
  readonly deletedAt: number
}

/** Rules that the simulation leaves out to see that it notices. For the simulation only. */
export type LogMutant = 'no-dedupe' | 'no-loss-marker' | 'unknown-terms-ignored'

/** The lineage of a channel without entries. `folded`: terms up to this counter are no news. */
export function emptyLineage(folded = 0): Lineage {
  return { terms: [], folded, pending: null, markers: [], deletedAt: 0 }
}

/** The term that the next entry belongs to; null where none was started yet. */
export function currentTerm(lineage: Lineage): string | null {
  return lineage.pending ?? lineage.terms.at(-1)?.term ?? null
}

/** The highest counter of a stored term. */
export function newestCounter(lineage: Lineage): number {
  const newest = lineage.terms.at(-1)
  return Math.max(lineage.folded, newest ? termCounter(newest.term) : 0)
}

/** Starts a term. It is pending until an entry is written in it. */
export function startTerm(lineage: Lineage, random: Random): Lineage {
  return { ...lineage, pending: formatTerm(newestCounter(lineage) + 1, randomText(random, LINEAGE_DIGITS)) }
}

/** The lineage with the entry `seq` written: a pending term is stored with it as its first. */
export function withEntry(lineage: Lineage, seq: number): Lineage {
  const { pending, terms } = lineage
  return pending === null
    ? lineage
    : { ...lineage, pending: null, terms: [...terms, { term: pending, first: seq }] }
}

/** The index of the term in which the entry `seq` was written; -1 where that term is folded. */
export function termIndexAt(lineage: Lineage, seq: number): number {
  const { terms } = lineage
  let low = 0
  let high = terms.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((terms[middle] as TermStart).first <= seq) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** The position after the entry `seq`. */
export function positionAt(lineage: Lineage, logId: string, seq: number): Position {
  if (seq === 0) return { term: logId, seq }
  // A folded entry answers with the oldest kept term: its numbers are below that term's first, so it reads on.
  const newest = lineage.terms.at(-1)
  const start = newest && newest.first <= seq ? newest : lineage.terms[Math.max(0, termIndexAt(lineage, seq))]
  return { term: start?.term ?? logId, seq }
}

/** The last seq written in `term`, or undefined where the channel does not know it. */
export function endOf(lineage: Lineage, term: string, top: number): number | undefined {
  const index = lineage.terms.findLastIndex((start) => start.term === term)
  if (index < 0) return undefined
  const next = lineage.terms[index + 1]
  return next ? next.first - 1 : top
}

const NO_MUTANTS: ReadonlySet<LogMutant> = new Set()

/**
 * What a claim shows to be lost and no marker tells yet. A claim above the top of the current term shows nothing:
 * that term's end is not known yet, so the claim is forged, or the memory of a store that was cut under us.
 */
export function lossOf(
  lineage: Lineage,
  top: number,
  claim: Claim,
  mutants: ReadonlySet<LogMutant> = NO_MUTANTS,
): LostItem['lost'] | null {
  const { term, seq } = claim
  if (term === currentTerm(lineage) || mutants.has('no-loss-marker')) return null
  const end = endOf(lineage, term, top)
  if (end === undefined && (termCounter(term) <= lineage.folded || mutants.has('unknown-terms-ignored')))
    return null
  let known = end ?? 0
  for (const marker of lineage.markers) if (marker.term === term && marker.to > known) known = marker.to
  if (seq <= known) return null
  return { term, from: end === undefined ? null : known + 1, to: seq }
}

export function withMarker(lineage: Lineage, lost: LostItem['lost'], seq: number): Lineage {
  return { ...lineage, markers: [...lineage.markers, { term: lost.term, to: lost.to, seq }] }
}

/** Folds the oldest terms beyond the kept ones, as far as no retained position lies in them. */
export function fold(lineage: Lineage, base: number): Lineage {
  const { terms } = lineage
  let dropped = 0
  while (terms.length - dropped > KEPT_TERMS && (terms[dropped + 1] as TermStart).first <= base) dropped++
  if (dropped === 0) return lineage
  const folded = Math.max(lineage.folded, termCounter((terms[dropped - 1] as TermStart).term))
  const kept = terms.slice(dropped)
  const markers = lineage.markers.filter(
    ({ term }) => termCounter(term) > folded || kept.some((start) => start.term === term),
  )
  return { ...lineage, terms: kept, folded, markers }
}

/** The lineage as it stands where every entry above `top` is lost, markers included. */
export function cutLineage(lineage: Lineage, top: number): Lineage {
  return {
    ...lineage,
    pending: null,
    terms: lineage.terms.filter(({ first }) => first <= top),
    markers: lineage.markers.filter(({ seq }) => seq <= top),
  }
}
