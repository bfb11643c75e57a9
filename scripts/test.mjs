// The inner `npm test`: every step in sequence, each with its duration, all of them even when one fails. The last
// line is `N passed, N failed`: tests by their reports, every other step as one.
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, rmSync } from 'node:fs'
import { playwrightResults, vitestResults } from './rows.mjs'

/**
 * @typedef {{ passed: number, failed: number }} Count
 * @typedef {{ name: string, command: string, count?: () => Count }} Step
 */

/** @type {Step[]} */
const steps = [
  { name: 'format and lint', command: 'biome check .' },
  { name: 'types', command: 'npm run --silent typecheck' },
  { name: 'build', command: 'npm run --silent build' },
  { name: 'unused code', command: 'npm run --silent unused' },
  { name: 'example types', command: 'npm run --silent --workspaces --if-present check' },
  { name: 'size', command: 'npm run --silent size' },
  { name: 'unit tests', command: 'npm run --silent test:unit', count: countVitest },
  { name: 'simulation', command: 'npm run --silent sim -- --quick' },
  { name: 'browser tests', command: 'npm run --silent test:e2e', count: countPlaywright },
  { name: 'packages', command: 'npm run --silent check:packages' },
  { name: 'rows', command: 'npm run --silent rows' },
]

/** @returns {Count} */
function countVitest() {
  const report = JSON.parse(readFileSync('reports/vitest.json', 'utf8'))
  const empty = report.testResults.filter((/** @type {any} */ file) => file.assertionResults.length === 0)
  for (const file of empty) console.log(`No tests collected: ${file.name}`)
  const { passed, failed } = tally(vitestResults(report))
  return { passed, failed: failed + empty.length }
}

/** @returns {Count} */
function countPlaywright() {
  const report = JSON.parse(readFileSync('reports/playwright.json', 'utf8'))
  const seen = new Set(report.suites.map((/** @type {any} */ suite) => suite.file))
  const empty = globSync('**/*.spec.ts', { cwd: 'e2e', exclude: ['node_modules/**'] }).filter(
    (file) => !seen.has(file),
  )
  for (const file of empty) console.log(`No tests collected: e2e/${file}`)
  const { passed, failed } = tally(playwrightResults(report))
  return { passed, failed: failed + empty.length + report.errors.length }
}

/**
 * @param {Array<{ passed: boolean }>} results
 * @returns {Count}
 */
function tally(results) {
  const passed = results.filter((result) => result.passed).length
  return { passed, failed: results.length - passed }
}

/**
 * @param {Step} step
 * @returns {Count}
 */
function run({ name, command, count }) {
  console.log(`\n> ${name}: ${command}`)
  const startedAt = performance.now()
  const isOk = spawnSync(command, { shell: true, stdio: 'inherit' }).status === 0
  const result = count ? counted(count, isOk) : { passed: isOk ? 1 : 0, failed: isOk ? 0 : 1 }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  lines.push(
    `${result.failed === 0 ? 'ok  ' : 'FAIL'} ${name.padEnd(16)} ${seconds.padStart(6)} s  ${inWords(result)}`,
  )
  console.log(lines.at(-1))
  return result
}

/**
 * A run that ended badly has failed at least once, whatever its report says, and so has one without a test.
 * @param {() => Count} count
 * @param {boolean} isOk
 * @returns {Count}
 */
function counted(count, isOk) {
  try {
    const { passed, failed } = count()
    const isWrong = !isOk || passed + failed === 0
    return { passed, failed: isWrong ? Math.max(failed, 1) : failed }
  } catch (error) {
    console.log(`No report: ${error instanceof Error ? error.message : error}`)
    return { passed: 0, failed: 1 }
  }
}

/** @param {Count} count */
const inWords = ({ passed, failed }) => `${passed} passed, ${failed} failed`

/** @type {string[]} */
const lines = []
// A report of an earlier run must not stand in for one that was not written.
if (existsSync('reports')) rmSync('reports', { recursive: true })

const counts = steps.map(run)
const total = counts.reduce((sum, { passed, failed }) => ({
  passed: sum.passed + passed,
  failed: sum.failed + failed,
}))
console.log(`\n${lines.join('\n')}\n\n${inWords(total)}`)
process.exitCode = total.failed > 0 ? 1 : 0
