// The code on the pages comes from files that are compiled and that tests run: docs/snippets. A fence names a region
// there, ```ts snippet=concepts/publishing.ts#offline, or a whole file that has no regions; `npm run snippets`
// fills the fences, and without `--write` it says what is wrong. scripts/snippets.test.ts does the same.
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const FOLDER = 'docs/snippets'
/** Languages whose fences are no program. */
const PLAIN = new Set(['sh', 'text', 'json', 'mermaid'])
const MARK =
  /^[ \t]*(?:\/\/|<!--|\{?\/\*)[ \t]*#(region|endregion)(?:[ \t]+([\w-]+))?[ \t]*(?:-->|\*\/\}?)?[ \t]*$/
const FENCE = /^```(\w*)(?: snippet=(\S+))?[^\n]*\n(.*?)^```$/gms

/**
 * @typedef {{ page: string, line: number, language: string, source: string | undefined, code: string }} Fence
 */

/** The pages that readers start from; other tests look after those that are left out. */
export function pages() {
  const exclude = [
    'docs/bench/**',
    'docs/decisions/**',
    'docs/acceptance.md',
    'docs/errors.md',
    'docs/**/node_modules/**',
  ]
  return ['README.md', ...globSync('docs/**/*.md', { exclude })]
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
}

/** Files that snippets are taken from: all but the tests and what those stand on. */
export function snippetFiles() {
  const exclude = ['**/*.test.{ts,tsx}', '**/*.d.ts', 'kit/**', 'node_modules/**', '*.json']
  return globSync('**/*.{ts,tsx,vue,svelte}', { cwd: FOLDER, exclude })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
}

/**
 * The regions of a file by name; one without regions is a single one, named ''. The parts of a region that is opened
 * several times, such as imports and what needs them, are joined. Marks are left out, also of regions inside of others.
 * @param {string} text
 * @returns {Map<string, string>}
 */
export function regionsOf(text) {
  /** @type {Map<string, string[][]>} */
  const regions = new Map()
  /** @type {string[]} */
  const open = []
  for (const line of text.split('\n')) {
    const [, mark, name] = MARK.exec(line) ?? []
    if (mark === 'region') {
      if (!name || open.includes(name)) throw new Error(`A region needs a name of its own: ${line.trim()}`)
      regions.set(name, [...(regions.get(name) ?? []), []])
      open.push(name)
    } else if (mark === 'endregion') {
      if (!open.pop()) throw new Error('An #endregion ends no region.')
    } else for (const each of open) regions.get(each)?.at(-1)?.push(line)
  }
  if (open.length > 0) throw new Error(`No #endregion for ${open.join(', ')}.`)
  if (regions.size === 0) regions.set('', [text.split('\n')])
  return new Map([...regions].map(([name, parts]) => [name, parts.map(dedent).join('\n')]))
}

/** @param {readonly string[]} lines */
function dedent(lines) {
  const depths = lines
    .filter((line) => line.trim() !== '')
    .map((line) => line.length - line.trimStart().length)
  const depth = depths.length > 0 ? Math.min(...depths) : 0
  const text = lines.map((line) => line.slice(depth).trimEnd()).join('\n')
  return `${text.replace(/^\n+|\n+$/g, '')}\n`
}

/**
 * @param {string} page
 * @param {string} text
 * @returns {Fence[]}
 */
export function fencesOf(page, text) {
  return [...text.matchAll(FENCE)].map(({ index, 1: language = '', 2: source, 3: code = '' }) => ({
    page,
    line: text.slice(0, index).split('\n').length,
    language,
    source,
    code,
  }))
}

/**
 * The text of `concepts/publishing.ts#offline`.
 * @param {string} source
 * @returns {string}
 */
export function snippetOf(source) {
  const [file = '', region = ''] = source.split('#')
  const path = join(FOLDER, file)
  if (!existsSync(path)) throw new Error(`There is no ${path}.`)
  const snippet = regionsOf(readFileSync(path, 'utf8')).get(region)
  if (snippet === undefined) throw new Error(`${path} has no region ${region || 'that is the whole file'}.`)
  return snippet
}

/**
 * A page with its fences filled.
 * @param {string} text
 */
function fill(text) {
  return text.replace(FENCE, (fence, language, source) =>
    source ? `\`\`\`${language} snippet=${source}\n${snippetOf(source)}\`\`\`` : fence,
  )
}

/**
 * What is wrong with the fence, in one sentence; null where nothing is.
 * @param {Fence} fence
 */
export function faultOf({ language, source, code }) {
  if (!source)
    return PLAIN.has(language) ? null : `code needs a source: \`\`\`${language || 'ts'} snippet=FILE#REGION`
  try {
    return snippetOf(source) === code ? null : `differs from ${source}: npm run snippets`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/**
 * Sources that no fence shows.
 * @param {readonly Fence[]} fences
 */
export function unused(fences) {
  const shown = new Set(fences.map(({ source }) => source))
  return snippetFiles().flatMap((file) => {
    const names = regionsOf(readFileSync(join(FOLDER, file), 'utf8')).keys()
    return [...names].map((name) => (name ? `${file}#${name}` : file)).filter((source) => !shown.has(source))
  })
}

/** Snippet files that no test imports, be it through another. */
export function untested() {
  const tests = globSync('**/*.test.{ts,tsx}', { cwd: FOLDER, exclude: ['node_modules/**'] })
  /** @type {Set<string>} */
  const reached = new Set()
  const visit = (/** @type {string} */ file) => {
    if (reached.has(file) || !existsSync(join(FOLDER, file))) return
    reached.add(file)
    const text = readFileSync(join(FOLDER, file), 'utf8')
    for (const [, target = ''] of text.matchAll(/(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"?]+)/g))
      visit(join(dirname(file), target).replaceAll('\\', '/'))
  }
  for (const test of tests) visit(test.replaceAll('\\', '/'))
  return snippetFiles().filter((file) => !reached.has(file))
}

function main() {
  const isWriting = process.argv.includes('--write')
  const found = pages().flatMap((page) => {
    const text = readFileSync(page, 'utf8')
    const filled = isWriting ? fill(text) : text
    if (filled !== text) writeFileSync(page, filled)
    return fencesOf(page, filled)
  })
  const faults = found.flatMap((fence) => {
    const fault = faultOf(fence)
    return fault ? [`${fence.page}:${fence.line} ${fault}`] : []
  })
  const all = [
    ...faults,
    ...unused(found).map((source) => `${FOLDER}/${source} is on no page`),
    ...untested().map((file) => `${FOLDER}/${file} is imported by no test`),
  ]
  console.log(all.length > 0 ? all.join('\n') : `${found.length} fences are as their sources.`)
  if (all.length > 0) process.exitCode = 1
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main()
