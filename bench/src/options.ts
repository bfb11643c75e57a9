/** The command line: `npm run bench -- <scenario> [--quick] [--json FILE] [--rounds N] [--publish]`. */
import { parseArgs } from 'node:util'
import type { RunOptions } from './scenario.ts'

export interface Options extends RunOptions {
  readonly scenario: string
  /** Where to write the results as JSON. */
  readonly json: string | null
  /** Write the results and their chart into the docs. */
  readonly isPublished: boolean
  /** Only the cases whose name contains this. */
  readonly only: string
  /** Only these targets; a gate whose targets do not all run is not judged. */
  readonly targets: readonly string[] | null
}

const DEFAULT_ROUNDS = 5

export const USAGE =
  'usage: npm run bench -- fanout|latency|idle|client|all [--quick] [--rounds N] [--json FILE] [--publish]\n' +
  '                       [--only TEXT] [--targets NAME,NAME]'

/** Throws a readable error where the arguments are wrong. */
export function parseOptions(args: readonly string[], scenarios: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      json: { type: 'string' },
      publish: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      targets: { type: 'string' },
    },
  })
  const [scenario = ''] = positionals
  if (positionals.length !== 1 || !(scenario === 'all' || scenarios.includes(scenario))) {
    throw new Error(`no scenario ${JSON.stringify(scenario)}`)
  }
  const rounds = values.rounds === undefined ? (values.quick ? 1 : DEFAULT_ROUNDS) : Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds takes a number from 1')
  if (values.publish && values.quick) throw new Error('--publish takes full runs, not --quick')
  return {
    scenario,
    rounds,
    isQuick: values.quick,
    json: values.json ?? null,
    isPublished: values.publish,
    only: values.only,
    targets: values.targets?.split(',') ?? null,
  }
}
