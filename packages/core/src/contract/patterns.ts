/** Channel patterns: `room:{id}` stands for every name with one or more characters in place of the braces. */

export interface PatternMatch<V> {
  readonly pattern: string
  /** What belongs to the pattern. */
  readonly value: V
  /** What stood in place of each brace. */
  readonly params: Readonly<Record<string, string>>
}

interface Compiled<V> {
  readonly pattern: string
  readonly value: V
  readonly expression: RegExp
  readonly names: readonly string[]
  /** Characters outside of braces. */
  readonly literals: number
}

/** Finds what belongs to a channel: the pattern with the most literal characters wins, then the fewest braces. */
export class Patterns<V> {
  readonly #compiled: readonly Compiled<V>[]

  /** Throws a TypeError where a pattern is malformed, or where two stand for the same names. */
  constructor(patterns: Readonly<Record<string, V>>) {
    this.#compiled = Object.entries(patterns)
      .map(([pattern, value]) => compile(pattern, value))
      .sort((a, b) => b.literals - a.literals || a.names.length - b.names.length)
    const shapes = new Map<string, string>()
    for (const { pattern, expression } of this.#compiled) {
      const same = shapes.get(expression.source)
      if (same !== undefined) throw new TypeError(`Patterns ${same} and ${pattern} stand for the same names.`)
      shapes.set(expression.source, pattern)
    }
  }

  find(channel: string): PatternMatch<V> | null {
    for (const { pattern, value, expression, names } of this.#compiled) {
      const match = expression.exec(channel)
      if (match) {
        return {
          pattern,
          value,
          params: Object.fromEntries(names.map((name, at) => [name, match[at + 1] ?? ''])),
        }
      }
    }
    return null
  }
}

/** A parameter holds no `:`, so that `room:{id}` does not also stand for `room:1:admin`. */
function compile<V>(pattern: string, value: V): Compiled<V> {
  const names: string[] = []
  let literals = 0
  const source = pattern.split(/(\{[^{}]*\})/).map((part) => {
    if (!part.startsWith('{')) {
      if (/[{}]/.test(part)) throw new TypeError(`Unbalanced braces in pattern ${pattern}.`)
      literals += part.length
      return part.replace(/[.*+?^$()|[\]\\/]/g, '\\$&')
    }
    const name = part.slice(1, -1)
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || names.includes(name)) {
      throw new TypeError(`Bad or repeated parameter ${part} in pattern ${pattern}.`)
    }
    names.push(name)
    return '([^:]+)'
  })
  if (pattern === '') throw new TypeError('A channel pattern is empty.')
  return { pattern, value, expression: new RegExp(`^${source.join('')}$`, 'u'), names, literals }
}
