/** Runs scenarios, prints their tables and judges their gates. Ends with 1 where a gate or a delivery count misses. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { type Options, parseOptions, USAGE } from './options.ts'
import { unpinned } from './process.ts'
import { formatChart } from './report/chart.ts'
import { toReport } from './report/json.ts'
import { formatPage } from './report/page.ts'
import { formatGates, formatTable } from './report/table.ts'
import { type CaseResult, deliveryFaults, judge, runCase } from './rounds.ts'
import type { Case, Scenario } from './scenario.ts'
import { client } from './scenarios/client.ts'
import { fanout } from './scenarios/fanout.ts'
import { idle } from './scenarios/idle.ts'
import { latency } from './scenarios/latency.ts'

const SCENARIOS: Readonly<Record<string, Scenario>> = { fanout, latency, idle, client }
const DOCS = new URL('../../docs/bench/', import.meta.url)

const args = process.argv.slice(2)
const command = ['npm run bench --', ...args].join(' ')

function say(line = ''): void {
  process.stdout.write(`${line}\n`)
}

function chosen(given: Case, { only, targets }: Options): Case[] {
  if (!given.name.includes(only)) return []
  if (!targets) return [given]
  const running = given.targets.filter((target) => targets.includes(target))
  const gates = given.gates.filter(
    ({ target, against = target }) => running.includes(target) && running.includes(against),
  )
  return running.length > 0 ? [{ ...given, targets: running, gates }] : []
}

async function runScenario(name: string, options: Options): Promise<boolean> {
  const cases = (SCENARIOS[name] as Scenario)(options).flatMap((given) => chosen(given, options))
  const results: CaseResult[] = []
  let isGood = true
  for (const given of cases) {
    say(given.name)
    const result = await runCase(given, options.rounds, say)
    results.push(result)
    say()
    say(formatTable(result))
    const faults = deliveryFaults(result)
    for (const fault of faults) say(`  MISSED: delivery count: ${fault}`)
    if (faults.length > 0) isGood = false
    if (!options.isQuick) {
      for (const line of formatGates(result)) say(line)
      if (given.gates.some((gate) => !judge(result, gate).passed)) isGood = false
    }
    say()
  }
  write(name, results, options)
  return isGood
}

function write(name: string, results: readonly CaseResult[], options: Options): void {
  const { rounds, isQuick, json, isPublished, scenario } = options
  const report = toReport(results, { command, date: new Date().toISOString(), rounds, isQuick })
  const text = `${JSON.stringify(report, null, 2)}\n`
  // With `all` a file a scenario, or one would overwrite the other.
  if (json) writeFileSync(scenario === 'all' ? json.replace(/(\.json)?$/, `-${name}$1`) : json, text)
  if (!isPublished) return
  mkdirSync(DOCS, { recursive: true })
  writeFileSync(new URL(`${name}.json`, DOCS), text)
  writeFileSync(new URL(`${name}.md`, DOCS), formatPage(name, results, report))
  writeFileSync(new URL(`${name}.svg`, DOCS), formatChart(results, command))
}

function readOptions(): Options {
  try {
    return parseOptions(args, Object.keys(SCENARIOS))
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}\n`)
    process.exit(2)
  }
}

const options = readOptions()
const names = options.scenario === 'all' ? Object.keys(SCENARIOS) : [options.scenario]
if (unpinned) say(`Not pinned: ${unpinned}. Ratios are less sure.`)
if (options.isQuick) say('Quick: delivery counts are checked, figures are not.')
let isGood = true
for (const name of names) isGood = (await runScenario(name, options)) && isGood
process.exit(isGood ? 0 : 1)
