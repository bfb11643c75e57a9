// npm run rows [-- --group R] [-- --missing] [-- --of C1,R3-R5]
// Which acceptance rows have a test that ran and passed, from the reports of the last run. A title names its rows:
// `R4: …`, `R4 (redis): …`, `R4 (redis), R7: …`.
import { existsSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

/**
 * @typedef {{ id: string, text: string }} Row
 * @typedef {{ title: string, passed: boolean }} Result
 * @typedef {Row & { state: 'passed' | 'failing' | 'no test', tests: number }} RowState
 */

/**
 * @param {string} page
 * @returns {Row[]}
 */
export function rowsOf(page) {
  return page.split('\n').flatMap((line) => {
    const [, id, text] = /^\| ([A-Z]\d+) \| (.*) \|$/.exec(line) ?? []
    return id && text ? [{ id, text }] : []
  })
}

/**
 * The rows that a test's title names: a list of IDs, each with an optional variant, before the first colon.
 * @param {string} title
 * @returns {string[]}
 */
export function idsIn(title) {
  const [, head] = /^((?:[A-Z]\d+(?: \([^)]*\))?(?:, )?)+):/.exec(title) ?? []
  return head ? [...head.replace(/\([^)]*\)/g, '').matchAll(/[A-Z]\d+/g)].map(([id]) => id) : []
}

/**
 * @param {any} report
 * @returns {Result[]}
 */
export function vitestResults(report) {
  return report.testResults.flatMap((/** @type {any} */ file) =>
    file.assertionResults.map((/** @type {any} */ test) => ({
      title: test.title,
      passed: test.status === 'passed',
    })),
  )
}

/**
 * @param {any} report
 * @returns {Result[]}
 */
export function playwrightResults(report) {
  /** @type {(suite: any) => Result[]} */
  const inSuite = (suite) => [
    ...(suite.specs ?? []).flatMap((/** @type {any} */ spec) =>
      spec.tests.map((/** @type {any} */ test) => ({
        title: spec.title,
        passed: test.status === 'expected' && ran(test),
      })),
    ),
    ...(suite.suites ?? []).flatMap(inSuite),
  ]
  return (report.suites ?? []).flatMap(inSuite)
}

/**
 * A test marked as expected to fail is "expected" too, when it fails.
 * @param {any} test
 */
const ran = (test) => test.results.at(-1)?.status === 'passed'

/**
 * @param {Row[]} rows
 * @param {Result[]} results
 * @returns {RowState[]}
 */
export function stateOf(rows, results) {
  /** @type {Map<string, boolean[]>} */
  const byId = new Map()
  for (const { title, passed } of results) {
    for (const id of idsIn(title)) byId.set(id, [...(byId.get(id) ?? []), passed])
  }
  return rows.map((row) => {
    const outcomes = byId.get(row.id) ?? []
    const state = outcomes.length === 0 ? 'no test' : outcomes.every(Boolean) ? 'passed' : 'failing'
    return { ...row, state, tests: outcomes.length }
  })
}

/**
 * `C1,R3-R5` as C1, R3, R4, R5.
 * @param {string} list
 * @returns {string[]}
 */
export function expandIds(list) {
  return list.split(',').flatMap((part) => {
    const [, group, from, to] = /^([A-Z])(\d+)(?:[-–](?:[A-Z])?(\d+))?$/.exec(part.trim()) ?? []
    if (!group || !from) throw new Error(`Not a row or a range of rows: ${part}`)
    const first = Number(from)
    const count = Number(to ?? from) - first + 1
    return Array.from({ length: count }, (_, index) => `${group}${first + index}`)
  })
}

/**
 * @param {string} file
 * @param {(report: any) => Result[]} read
 * @returns {Result[]}
 */
function resultsIn(file, read) {
  if (existsSync(file)) return read(JSON.parse(readFileSync(file, 'utf8')))
  console.log(`${file} is missing: its tests count as not run.`)
  return []
}

function main() {
  const { values } = parseArgs({
    options: { group: { type: 'string' }, missing: { type: 'boolean' }, of: { type: 'string' } },
  })
  const wanted = values.of ? new Set(expandIds(values.of)) : undefined
  const rows = rowsOf(readFileSync('docs/acceptance.md', 'utf8')).filter(
    ({ id }) => (!wanted || wanted.has(id)) && (!values.group || id.startsWith(values.group)),
  )
  const states = stateOf(rows, [
    ...resultsIn('reports/vitest.json', vitestResults),
    ...resultsIn('reports/playwright.json', playwrightResults),
  ])
  for (const { id, text, state, tests } of states) {
    if (values.missing && state === 'passed') continue
    const detail = state === 'no test' ? text.slice(0, 90) : `${tests} test${tests === 1 ? '' : 's'}`
    console.log(`${state.padEnd(8)} ${id.padEnd(4)} ${detail}`)
  }
  const count = (/** @type {RowState['state']} */ state) => states.filter((row) => row.state === state).length
  console.log(
    `${states.length} rows: ${count('passed')} passed, ${count('failing')} failing, ${count('no test')} no test`,
  )
  if (count('failing') > 0) process.exitCode = 1
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main()
