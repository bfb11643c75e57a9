/** Runs client, hub and log under seeded faults and judges what applications saw. Ends with 1 where a promise broke. */
import { MUTANTS, type Mutant } from './src/mutants.ts'
import { type Options, parseOptions, USAGE } from './src/options.ts'
import { FAULT_KINDS } from './src/plan.ts'
import { Pool } from './src/pool.ts'
import { faultRows, faultTable, type Outcome, pairTable, verdictOf } from './src/report.ts'
import { formatMutants, formatViolations, type MutantRow } from './src/tables.ts'
import { runSeed } from './src/world.ts'

const MOST_FAILURES = 10

function say(text = ''): void {
  process.stdout.write(`${text}\n`)
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${text} `)
}

async function replay({ mutant, isTraced }: Options, seed: number): Promise<boolean> {
  const run = await runSeed(seed, mutant)
  if (isTraced) for (const event of run.history) say(JSON.stringify(event))
  say(`seed ${seed}: ${run.history.length} events, history ${run.hash}, ${run.violations.length} violations`)
  if (run.violations.length > 0) say(formatViolations(run.violations, Number.POSITIVE_INFINITY))
  return run.violations.length === 0
}

async function explore(pool: Pool, { seeds, from, mutant }: Options): Promise<boolean> {
  const outcomes: Outcome[] = []
  const startedAt = performance.now()
  let [publishes, deliveries, failures] = [0, 0, 0]
  await pool.run(from, from + seeds - 1, mutant, (told) => {
    outcomes.push(told)
    if (told.violations.length > 0) failures++
    publishes += told.publishes
    deliveries += told.deliveries
    if (outcomes.length % 50 === 0) progress(`${outcomes.length} of ${seeds} seeds, ${failures} failed`)
    return true
  })
  const seconds = (performance.now() - startedAt) / 1_000
  progress('\n')
  outcomes.sort((a, b) => a.seed - b.seed)
  sayFailures(
    outcomes.filter(({ violations }) => violations.length > 0),
    mutant,
  )
  say(faultTable(faultRows(outcomes, FAULT_KINDS)))
  say()
  say(pairTable(outcomes))
  say()
  const speed = `${outcomes.length} seeds in ${seconds.toFixed(1)} s (${(outcomes.length / seconds).toFixed(0)}/s)`
  const verdict = verdictOf(outcomes, FAULT_KINDS)
  say(`${speed}, ${publishes} publishes, ${deliveries} deliveries: ${verdict.verdict}`)
  if (verdict.verdict === 'void')
    say(`VOID: ${verdict.kinds.join(', ')} bit in fewer than one seed of a hundred.`)
  return verdict.verdict === 'passed'
}

function sayFailures(failed: readonly Outcome[], mutant: Mutant | null): void {
  const suffix = mutant ? ` --mutant ${mutant}` : ''
  for (const { seed, violations } of failed.slice(0, MOST_FAILURES)) {
    say(`seed ${seed} broke a promise; replay: npm run sim -- --seed ${seed}${suffix} --trace`)
    say(formatViolations(violations, 3))
  }
  const more = failed.slice(MOST_FAILURES).map(({ seed }) => seed)
  if (more.length > 0) say(`and ${more.length} more: ${more.join(', ')}`)
}

async function catchMutants(pool: Pool, { mutantSeeds, from }: Options): Promise<boolean> {
  const rows: MutantRow[] = []
  for (const mutant of MUTANTS) {
    let caught: MutantRow | null = null
    await pool.run(from, from + mutantSeeds - 1, mutant, ({ seed, violations: [first] }) => {
      if (first && (caught?.seed ?? seed) >= seed) caught = { mutant, seed, rule: first.rule }
      return caught === null
    })
    rows.push(caught ?? { mutant, seed: null, rule: `not caught in ${mutantSeeds} seeds` })
    progress(`${rows.length} of ${MUTANTS.length} mutants`)
  }
  progress('\n')
  say(formatMutants(rows))
  return rows.every(({ seed }) => seed !== null)
}

function readOptions(): Options {
  try {
    return parseOptions(process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}\n`)
    process.exit(2)
  }
}

const options = readOptions()
let isGood = true
if (options.seed !== null) isGood = await replay(options, options.seed)
else {
  const pool = new Pool(options.workers)
  if (options.seeds > 0) isGood = await explore(pool, options)
  if (options.mutantSeeds > 0) isGood = (await catchMutants(pool, options)) && isGood
  await pool.end()
}
process.exitCode = isGood ? 0 : 1
