import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CLIENT_FRAMES } from './client-frames.ts'
import { CLOSE_CODES, closeRule } from './close-codes.ts'
import { decodeClientFrame, decodeServerFrame, encodeFrame } from './codec.ts'
import { ERROR_CODES, isErrorCode, wireError } from './errors.ts'
import { GAP_REASONS, SERVER_FRAMES } from './server-frames.ts'
import { shapeOf } from './shape.test-kit.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const page = read('../../../../PROTOCOL.md')
const errorsPage = read('../../../../docs/errors.md')

/** The text under a heading, up to the next of the same rank or higher. */
function section(heading: string): string {
  const rank = /^#+/.exec(heading)?.[0].length ?? 0
  const start = page.indexOf(`\n${heading}\n`)
  if (start < 0) throw new Error(`PROTOCOL.md has no "${heading}"`)
  const rest = page.slice(start + heading.length + 2)
  const end = rest.search(new RegExp(`^#{1,${rank}} `, 'm'))
  return end < 0 ? rest : rest.slice(0, end)
}

/** The cells of the table that begins with this column, without backticks. */
function table(text: string, firstColumn: string): string[][] {
  const lines = text.split('\n')
  const start = lines.findIndex((line) => line.startsWith(`| ${firstColumn} |`))
  if (start < 0) throw new Error(`no table "${firstColumn}"`)
  const length = lines.slice(start).findIndex((line) => !line.startsWith('|'))
  return lines.slice(start + 2, start + length).map((line) =>
    line
      .slice(2, -2)
      .split(' | ')
      .map((cell) => cell.replaceAll('`', '')),
  )
}

/** The keys of an object's shape, with `?` where they may be absent. */
function keysOf(shape: string): string[] {
  const fields: string[] = ['']
  let depth = 0
  for (const character of shape.slice(1, -1)) {
    if ('{('.includes(character)) depth++
    if ('})'.includes(character)) depth--
    if (character === ',' && depth === 0) fields.push('')
    else fields[fields.length - 1] += character
  }
  return fields.map((field) => field.slice(0, field.indexOf(':')))
}

/** An interface as the page shows it: without comments, `export` and `readonly`. */
function declarationsOf(source: string): Map<string, string> {
  const plain = source
    .replace(/[ \t]*\/\*\*[\s\S]*?\*\/\n/g, '')
    .replace(/^export /gm, '')
    .replace(/readonly (?=[\w{])/g, '')
  const declarations = plain.matchAll(
    /^(?:interface (\w+).*\{(?:\n(?: .*\n)*\}|.*\})|type (\w+) =.*(?:\n {2}.*)*)/gm,
  )
  return new Map([...declarations].map(([text, first, second]) => [first ?? second ?? '', text]))
}

const frames = [
  ...Object.entries(CLIENT_FRAMES).map(([type, schema]) => ({
    type,
    shape: shapeOf(schema),
    direction: 'client → server',
  })),
  ...Object.entries(SERVER_FRAMES).map(([type, schema]) => ({
    type,
    shape: shapeOf(schema),
    direction: 'server → client',
  })),
]

describe('PROTOCOL.md and the code: frames', () => {
  it('have a section for every frame, and a frame for every section', () => {
    const headings = [...page.matchAll(/^### `(\w+)` \((.+)\)$/gm)].map(
      ([, type, direction]) => `${type} ${direction}`,
    )
    expect(headings).toEqual(frames.map(({ type, direction }) => `${type} ${direction}`))
  })

  it.each(frames)('list the same fields of $type', ({ type, shape, direction }) => {
    const rows = table(section(`### \`${type}\` (${direction})`), 'field')
    const documented = rows.map(([name, type]) => `${name}${type?.endsWith('optional') ? '?' : ''}`)
    expect(documented.sort()).toEqual(keysOf(shape).sort())
  })

  it('show the same interfaces', () => {
    const sources = ['client-frames', 'server-frames', 'message', 'errors'].map((name) =>
      read(`./${name}.ts`),
    )
    const inCode = declarationsOf(sources.join('\n'))
    const onPage = declarationsOf(
      [...page.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, text]) => text).join('\n'),
    )
    expect(onPage.size).toBeGreaterThan(25)
    for (const [name, text] of onPage) expect(text).toBe(inCode.get(name))
    for (const { type } of frames)
      expect([...onPage.keys()]).toContain(`${type[0]?.toUpperCase()}${type.slice(1)}Frame`)
  })

  it('give examples that are decoded, and encoded to the same text', () => {
    const kinds = new Set<string>()
    let direction = ''
    for (const [, heading, example] of page.matchAll(/^(#+ .*)$|^```json\n([\s\S]*?)^```/gm)) {
      if (heading) {
        direction = /\((client → server|server → client)\)/.exec(heading)?.[1] ?? ''
        continue
      }
      const text = example?.trim() ?? ''
      expect(direction, text).not.toBe('')
      const decoded = direction === 'client → server' ? decodeClientFrame(text) : decodeServerFrame(text)
      if (!decoded.ok) throw new Error(`${decoded.fault}: ${text}`)
      expect(encodeFrame(decoded.frame)).toBe(text)
      kinds.add(`${decoded.frame.type} ${direction}`)
    }
    expect([...kinds].sort()).toEqual(frames.map(({ type, direction }) => `${type} ${direction}`).sort())
  })

  it('pin the shapes: see "Version history" where this fails', () => {
    const shapes = frames.map(({ type, shape }) => `${type}=${shape}\n`).join('')
    const hash = createHash('sha256').update(shapes).digest('hex').slice(0, 16)
    const [, pinned] = table(section('## Version history'), 'version').at(-1) ?? []
    const advice =
      'A frame has changed. If something was only added, add a row with the next minor version and this hash to the ' +
      'version history of PROTOCOL.md. If anything else changed, take it back, or make it holdfast.v2.'
    expect(hash, advice).toBe(pinned)
  })
})

describe('PROTOCOL.md and the code: codes', () => {
  it('have the same errors', () => {
    const inCode = Object.entries(ERROR_CODES).map(([code, rule]) => [
      code,
      rule.class,
      rule.retryWhen,
      rule.hint,
    ])
    expect(table(section('## Errors'), 'code')).toEqual(inCode)
  })

  it('have the same close codes', () => {
    const rows = table(section('## Close codes'), 'close code')
    const inCode = Object.entries(CLOSE_CODES).map(([code, { meaning, action }]) => [code, meaning, action])
    expect(rows.map((row) => row.slice(0, 3)).sort()).toEqual(inCode.sort())
  })

  it('explain every action after a close, and say one thing about publishes in flight for each', () => {
    const actions = new Set([...Object.values(CLOSE_CODES), closeRule(4999)].map(({ action }) => action))
    expect(
      table(section('## Close codes'), 'action')
        .map(([action]) => action)
        .sort(),
    ).toEqual([...actions].sort())
    const rows = table(section('## Close codes'), 'close code')
    const fates = new Set(rows.map(([, , action, fate]) => `${action}: ${fate}`))
    expect(fates.size).toBe(new Set(rows.map(([, , action]) => action)).size)
  })

  it('have the same reasons of gaps', () => {
    expect(table(section('## Gaps'), 'reason').map(([reason]) => reason)).toEqual([...GAP_REASONS])
  })
})

describe('docs/errors.md and the code', () => {
  it('have a section for every code, and a code for every section', () => {
    const headings = [...errorsPage.matchAll(/^## (.+)$/gm)].map(([, code]) => code)
    expect(headings).toEqual(Object.keys(ERROR_CODES))
  })

  it('say of each what it means, where it comes from and what to do', () => {
    for (const text of errorsPage.split(/^## /m).slice(1)) {
      expect(text).toMatch(/^\w+\n\n\S.*\n\n\*\*Typical cause:\*\* \S.*\n\n\*\*What to do:\*\* \S.*\n/)
    }
  })
})

describe('errors', () => {
  it('carry the fixed parts of their code, and a message of their own', () => {
    expect(wireError('conflict', { message: 'm', top: 't', retryAfterMs: 5 })).toEqual({
      code: 'conflict',
      ...ERROR_CODES.conflict,
      message: 'm',
      top: 't',
      retryAfterMs: 5,
    })
    expect(wireError('internal').message).toBe(ERROR_CODES.internal.hint)
    expect([isErrorCode('internal'), isErrorCode('toString'), isErrorCode(7)]).toEqual([true, false, false])
  })

  it('an unknown close code reconnects slowly', () => {
    expect([closeRule(4999).action, closeRule(1006).action]).toEqual(['reconnect-slowly', 'reconnect'])
  })
})
