/**
 * Positions in a channel's log, and the opaque tokens that stand for them outside of it.
 *
 * A position is (term, seq): `seq` counts the entries of a channel without holes, `term` names the lineage in
 * which the entry at `seq` was written. See PROTOCOL.md, "Positions".
 */

/** A place in a channel's log: after the entry `seq`, which was written in `term`. `seq` 0 is before the first. */
export interface Position {
  readonly term: string
  readonly seq: number
}

/** Six base-36 digits of counter, then thirteen of random lineage id: `[0-9a-z]{19}`, sortable by counter. */
const TERM = /^[0-9a-z]{19}$/
/** Sixteen decimal digits, `_`, a term; optionally `.` and a MAC of 16 base64url characters. */
const TOKEN = /^(\d{16})_([0-9a-z]{19})(?:\.([A-Za-z0-9_-]{16}))?$/

const COUNTER_DIGITS = 6

/** Whether `value` has the form of a term. Says nothing about whether any log knows it. */
export function isTerm(value: unknown): value is string {
  return typeof value === 'string' && TERM.test(value)
}

/**
 * A term from its counter and its lineage id.
 * @param counter orders terms for fencing; 0 is reserved for the log's own id
 * @param lineage 13 base-36 digits (64 random bits) that tell apart lineages with the same counter
 */
export function formatTerm(counter: number, lineage: string): string {
  return counter.toString(36).padStart(COUNTER_DIGITS, '0') + lineage
}

/** The fencing counter of a term. */
export function termCounter(term: string): number {
  return Number.parseInt(term.slice(0, COUNTER_DIGITS), 36)
}

/** The opaque token of a position: sortable as text within one unbroken lineage. */
export function formatOffset(position: Position): string {
  return `${position.seq.toString().padStart(16, '0')}_${position.term}`
}

/** A token as it was presented: its position, and the MAC if it carried one. The MAC is not checked here. */
export interface ParsedOffset extends Position {
  readonly mac: string | null
}

/** The position in a token, or `null` where the text is no token. Checks syntax only. */
export function parseOffset(token: string): ParsedOffset | null {
  const match = TOKEN.exec(token)
  if (!match) return null
  const seq = Number(match[1])
  if (!Number.isSafeInteger(seq)) return null
  return { seq, term: match[2] as string, mac: match[3] ?? null }
}

/** Whether two positions are the same place. */
export function samePosition(a: Position, b: Position): boolean {
  return a.seq === b.seq && a.term === b.term
}

/** Whether a position stands at or before another; older terms stand before it altogether. */
export function isAtOrBefore(position: Position, other: Position): boolean {
  if (position.term === other.term) return position.seq <= other.seq
  return termCounter(position.term) < termCounter(other.term)
}
