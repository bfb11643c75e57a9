import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonFault, MAX_DEPTH, parseJson } from './json.ts'

/** A value as its text is built: objects are lists of pairs, so that a key can stand twice. */
type Node = { readonly leaf: string } | { readonly list: Node[] } | { readonly pairs: [string, Node][] }

const key = fc.oneof(
  fc.string({ maxLength: 3 }),
  fc.constantFrom('a', 'b', '"', '\\', 'constructor', '__proto__'),
)
const leaf = fc.oneof(
  fc.constantFrom('null', 'true', '1', '-0.5e3', '""', '"}{]["', '"a\\\\"', '"\\\\\\""'),
  fc.string().map((text) => JSON.stringify(text)),
)
const { node } = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf.map((leaf) => ({ leaf })),
    fc.array(tie('node'), { maxLength: 4 }).map((list) => ({ list })),
    fc.array(fc.tuple(key, tie('node')), { maxLength: 20 }).map((pairs) => ({ pairs })),
  ),
}))

/** Every character of a key may be written as an escape; `style` decides. */
function write(node: Node, style: number): string {
  const space = style % 3 === 0 ? ' \n' : ''
  if ('leaf' in node) return node.leaf
  if ('list' in node) return `[${space}${node.list.map((item) => write(item, style + 1)).join(`${space},`)}]`
  const pairs = node.pairs.map(([name, value], at) => {
    const isEscaped = (style + at) % 2 === 0
    const escaped = [...Array(name.length).keys()].map(
      (at) => `\\u${name.charCodeAt(at).toString(16).padStart(4, '0')}`,
    )
    return `${isEscaped ? `"${escaped.join('')}"` : JSON.stringify(name)}${space}:${write(value, style + 1)}`
  })
  return `{${pairs.join(`,${space}`)}${space}}`
}

function isAmbiguous(node: Node): boolean {
  if ('leaf' in node) return false
  if ('list' in node) return node.list.some(isAmbiguous)
  const names = node.pairs.map(([name]) => name)
  const isReserved = names.some((name) => ['__proto__', 'constructor', 'prototype'].includes(name))
  return (
    isReserved || new Set(names).size < names.length || node.pairs.some(([, value]) => isAmbiguous(value))
  )
}

describe('the strict scan', () => {
  it('S8 (json): finds equal and reserved keys, however they are written, and nothing else', () => {
    let ambiguous = 0
    fc.assert(
      fc.property(node, fc.nat(5), (node, style) => {
        const text = write(node, style)
        if (isAmbiguous(node)) ambiguous++
        expect(jsonFault(text) !== null).toBe(isAmbiguous(node))
        if (!isAmbiguous(node)) expect(parseJson(text)).toEqual({ ok: true, value: JSON.parse(text) })
      }),
      { numRuns: 1_000 },
    )
    expect(ambiguous).toBeGreaterThan(50)
  })

  it('S8 (json): finds equal keys in large objects too', () => {
    const pairs = Array.from({ length: 100 }, (_, at) => `"key${at}":${at}`)
    expect(jsonFault(`{${pairs.join(',')}}`)).toBe(null)
    // Each key once more: those around the change from a list of names to a set are the ones to get wrong.
    const missed = pairs.filter((pair) => jsonFault(`{${pairs.join(',')},${pair}}`) !== 'duplicate key')
    expect(missed).toEqual([])
  })

  it('lets equal keys stand in different objects', () => {
    expect(jsonFault('{"a":{"a":[{"a":1},{"a":2}]},"b":{"a":1}}')).toBe(null)
  })

  it('S8 (json): refuses what is nested deeper than 64, at any length', () => {
    const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`
    expect(parseJson(nested(MAX_DEPTH)).ok).toBe(true)
    expect(jsonFault(nested(MAX_DEPTH + 1))).toBe(`nested deeper than ${MAX_DEPTH}`)
    expect(jsonFault(nested(100_000))).toBe(`nested deeper than ${MAX_DEPTH}`)
    expect(jsonFault('{"a":'.repeat(100_000))).toBe(`nested deeper than ${MAX_DEPTH}`)
    expect(jsonFault(`"${'['.repeat(100_000)}"`)).toBe(null)
  })

  it('S8 (json): refuses numbers that a double cannot hold', () => {
    const refused = [
      '9007199254740992',
      '-9007199254740993',
      '1e400',
      '-1e309',
      '9'.repeat(400),
      '10000000000000000',
    ]
    expect(refused.filter((text) => jsonFault(`{"a":[1,${text}]}`) === null)).toEqual([])
    const allowed = [
      '0',
      '-1',
      '9007199254740991',
      '-9007199254740991',
      '123456789012345',
      '0.1',
      '1e20',
      '2.5E-3',
      '1e-400',
    ]
    expect(allowed.filter((text) => !parseJson(`{"a":[${text}]}`).ok)).toEqual([])
  })

  it('leaves text that is no JSON to the parser, and answers without throwing', () => {
    const broken = [
      '',
      '{',
      '}',
      ']]',
      '"',
      '"\\',
      '"\\"',
      '{"a',
      '{"a\\',
      '{"\\u12":1}',
      '{"\\x":1}',
      '{,}',
      '1e',
      '--1',
      '\ufeff{}',
      '{"a":1}x',
    ]
    expect(broken.filter((text) => parseJson(text).ok)).toEqual([])
  })

  it('needs time in proportion to the length', () => {
    // Backslashes, quotes and digits are where a careless scan turns quadratic; each takes seconds then.
    for (const unit of ['\\\\', '\\"']) expect(jsonFault(`["${unit.repeat(2_000_000)}"]`)).toBe(null)
    expect(jsonFault(`[${'"\\\\",'.repeat(500_000)}1]`)).toBe(null)
    expect(jsonFault('1'.repeat(4_000_000))).toBe('number out of range')
  })
})
