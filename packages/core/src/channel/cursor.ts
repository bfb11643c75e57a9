/** What an application says of a subscription: places in a channel, and params. Checked here, since a server ends a session over a malformed frame. */
import { HoldfastError } from '../errors.ts'
import { jsonCopy, parseOffset, type StartPoint } from '../protocol/index.ts'
import type { HistoryOptions } from './history.ts'
import type { From } from './listener.ts'

const MAX_LAST = 10_000
const MAX_PAGE = 1_000

/** What a subscribe says of where to begin. Throws `bad_cursor` where that is no place. */
export function startPoint(from: From): StartPoint {
  if (from === 'now' || from === 'earliest') return from
  if (typeof from === 'string') return { after: offset(from) }
  const { last, since } = Object(from) as { last?: unknown; since?: unknown }
  if (isWhole(last, 0, MAX_LAST)) return { last }
  if (last === undefined && isWhole(since, 0, Number.MAX_SAFE_INTEGER)) return { since }
  throw bad('an offset, { last: 0 to 10,000 } or { since: ms }')
}

/** Throws `bad_cursor` where there is no such page. */
export function checkPage({ before, after, limit }: HistoryOptions): void {
  if (before !== undefined && after !== undefined) throw bad('before an offset or after one')
  for (const token of [before, after]) if (token !== undefined) offset(token)
  if (limit !== undefined && !isWhole(limit, 1, MAX_PAGE)) throw bad('a limit of 1 to 1,000')
}

/** Throws `bad_message` where they cannot be sent. */
export function checkParams(params: Readonly<Record<string, unknown>>): void {
  jsonCopy([params], (fault) => new HoldfastError('bad_message', { message: fault }))
}

function offset(token: string): string {
  if (!parseOffset(token)) throw new HoldfastError('bad_cursor')
  return token
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
}

function bad(rule: string): HoldfastError {
  return new HoldfastError('bad_cursor', { message: `It must be ${rule}.` })
}
