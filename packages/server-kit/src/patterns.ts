/** Channel patterns: `room:{id}` stands for every name with one or more characters in place of the braces. */
import { HubError } from './errors.ts'

export interface PatternMatch<C> {
  readonly pattern: string
  readonly config: C
  /** What stood in place of each brace. */
  readonly params: Readonly<Record<string, string>>
}

interface Compiled<C> {
  readonly pattern: string
  readonly config: C
  readonly expression: RegExp
  readonly names: readonly string[]
  /** Characters outside of braces. */
  readonly literals: number
}

/** Finds the configuration of a channel: the pattern with the most literal characters wins, then the fewest braces. */
export class Patterns<C> {
  readonly #compiled: readonly Compiled<C>[]

  /** Throws `bad_config` where a pattern is malformed. */
  constructor(patterns: Readonly<Record<string, C>>) {
    this.#compiled = Object.entries(patterns)
      .map(([pattern, config]) => compile(pattern, config))
      .sort((a, b) => b.literals - a.literals || a.names.length - b.names.length)
  }

  find(channel: string): PatternMatch<C> | null {
    for (const { pattern, config, expression, names } of this.#compiled) {
      const match = expression.exec(channel)
      if (match) {
        return {
          pattern,
          config,
          params: Object.fromEntries(names.map((name, at) => [name, match[at + 1] ?? ''])),
        }
      }
    }
    return null
  }
}

/** A parameter holds no `:`, so that `room:{id}` does not also stand for `room:1:admin`. */
function compile<C>(pattern: string, config: C): Compiled<C> {
  const names: string[] = []
  let literals = 0
  const source = pattern.split(/(\{[^{}]*\})/).map((part) => {
    if (!part.startsWith('{')) {
      if (/[{}]/.test(part))
        throw new HubError('bad_config', { message: `Unbalanced braces in pattern ${pattern}.` })
      literals += part.length
      return part.replace(/[.*+?^$()|[\]\\/]/g, '\\$&')
    }
    const name = part.slice(1, -1)
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || names.includes(name)) {
      throw new HubError('bad_config', {
        message: `Bad or repeated parameter ${part} in pattern ${pattern}.`,
      })
    }
    names.push(name)
    return '([^:]+)'
  })
  if (pattern === '') throw new HubError('bad_config', { message: 'A channel pattern is empty.' })
  return { pattern, config, expression: new RegExp(`^${source.join('')}$`, 'u'), names, literals }
}
