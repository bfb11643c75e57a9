/** Values as JSON, without what JSON would leave out or replace without a word. Pure. */
import { MAX_DEPTH, RESERVED_KEYS } from './json.ts'

/**
 * A copy by JSON of a list of messages. Keys that are undefined are left out, as everywhere; anything else that JSON would
 * drop, replace or round, or that the other side would not take, is refused.
 * @param refuse makes the error that is thrown
 */
export function jsonCopy(
  messages: readonly object[],
  refuse: (fault: string, cause?: unknown) => Error,
): unknown {
  const depths = new Map<unknown, number>()
  let refusal: Error | null = null
  function checked(this: unknown, key: string, value: unknown): unknown {
    // The frame is the first level, and stands around the list with which this begins.
    const depth = (depths.get(this) ?? 1) + 1
    depths.set(value, depth)
    if (depth > MAX_DEPTH + 1 || RESERVED_KEYS.has(key) || !isSound(value, Array.isArray(this), depth)) {
      refusal = refuse(`${key} is or holds what cannot be sent`)
      throw refusal
    }
    return value
  }
  try {
    return JSON.parse(JSON.stringify(messages, checked))
  } catch (cause) {
    throw refusal ?? refuse('it has no JSON', cause)
  }
}

function isSound(value: unknown, isInList: boolean, depth: number): boolean {
  switch (typeof value) {
    case 'number':
      return isSoundNumber(value)
    case 'object':
      return value === null || (depth <= MAX_DEPTH && PLAIN.test({}.toString.call(value)))
    case 'undefined':
      return !isInList
    default:
      return typeof value === 'string' || typeof value === 'boolean'
  }
}

/** What JSON keeps all of: `[object Map]` and its like come out empty. */
const PLAIN = / (?:Object|Array)]$/

/** Whether a peer reads it as it was written: whole numbers beyond 2^53 are rounded. */
function isSoundNumber(value: number): boolean {
  return (
    Number.isFinite(value) &&
    (!Number.isInteger(value) || Number.isSafeInteger(value) || Math.abs(value) >= 1e21)
  )
}
