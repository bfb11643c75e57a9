/**
 * JSON that means the same to everybody. `JSON.parse` keeps the last of two equal keys, rounds integers above
 * 2^53, turns 1e400 into Infinity and will build any depth; two peers that differ in one of these disagree about
 * a message. So inbound text is scanned once before it is parsed.
 */

/** Deeper values are refused: a parser that recurses must not be made to overflow. */
export const MAX_DEPTH = 64

/** Keys that reach prototypes when an application copies an object carelessly. */
export const RESERVED_KEYS: ReadonlySet<string> = /* @__PURE__ */ new Set([
  '__proto__',
  'constructor',
  'prototype',
])

const QUOTE = 34
const BACKSLASH = 92

/** Names seen in an object: a list while they are few, which is faster, then a set. */
type Names = string[] | Set<string>
const FEW_NAMES = 16

/**
 * What is wrong with JSON text beyond its grammar, or `null`. The grammar itself is left to `JSON.parse`, which must
 * run after this.
 */
export function jsonFault(text: string): string | null {
  /** The objects (their names) and lists (`null`) that are open, innermost last. */
  const open: (Names | null)[] = []
  let expectKey = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      const end = closingQuote(text, at)
      if (end < 0) return 'unfinished text'
      if (expectKey) {
        const fault = keyFault(text.slice(at + 1, end), open)
        if (fault) return fault
        expectKey = false
      }
      at = end
    } else if (code === 123 /* { */ || code === 91 /* [ */) {
      if (open.length === MAX_DEPTH) return `nested deeper than ${MAX_DEPTH}`
      expectKey = code === 123
      open.push(expectKey ? [] : null)
    } else if (code === 125 /* } */ || code === 93 /* ] */) {
      open.pop()
      expectKey = false
    } else if (code === 44 /* , */) {
      expectKey = (open[open.length - 1] ?? null) !== null
    } else if (code === 45 /* - */ || (code >= 48 && code <= 57)) {
      const start = at
      while (at + 1 < text.length && isNumberPart(text.charCodeAt(at + 1))) at++
      // Fifteen characters cannot pass 2^53, and only an exponent could leave the range: most numbers end here.
      if (at - start < 15 && code !== 45 && isDigits(text, start, at)) continue
      const fault = numberFault(text.slice(start, at + 1))
      if (fault) return fault
    }
  }
  return null
}

/** Where the text that opens at `start` ends, or -1. Searching for quotes is much faster than looking at each character. */
function closingQuote(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end >= 0 && text.charCodeAt(end - 1) === BACKSLASH) {
    let first = end - 1
    while (text.charCodeAt(first - 1) === BACKSLASH) first--
    if ((end - first) % 2 === 0) return end
    end = text.indexOf('"', end + 1)
  }
  return end
}

/** What is wrong with a key, as it stands between its quotes; else it is added to the innermost object's names. */
function keyFault(raw: string, open: (Names | null)[]): string | null {
  let key = raw
  if (raw.includes('\\')) {
    try {
      key = JSON.parse(`"${raw}"`) as string
    } catch {
      return 'malformed key'
    }
  }
  if (RESERVED_KEYS.has(key)) return `reserved key ${key}`
  const names = open[open.length - 1]
  if (Array.isArray(names)) {
    if (names.includes(key)) return 'duplicate key'
    if (names.length < FEW_NAMES) names.push(key)
    else open[open.length - 1] = new Set(names).add(key)
  } else if (names) {
    if (names.has(key)) return 'duplicate key'
    names.add(key)
  }
  return null
}

function isDigits(text: string, start: number, end: number): boolean {
  for (let at = start; at <= end; at++) {
    const code = text.charCodeAt(at)
    if (code < 48 || code > 57) return false
  }
  return true
}

function isNumberPart(code: number): boolean {
  return (
    (code >= 48 && code <= 57) || code === 46 || code === 101 || code === 69 || code === 43 || code === 45
  )
}

function numberFault(text: string): string | null {
  const value = Number(text)
  if (!Number.isFinite(value)) return 'number out of range'
  if (!Number.isSafeInteger(value) && /^-?\d+$/.test(text)) return 'integer beyond 2^53'
  return null
}

/** The value of JSON text, or what is wrong with it. Never throws. */
export function parseJson(text: string): { ok: true; value: unknown } | { ok: false; fault: string } {
  const fault = jsonFault(text)
  if (fault) return { ok: false, fault }
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch {
    return { ok: false, fault: 'not JSON' }
  }
}
