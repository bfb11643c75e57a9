/** The command line: `npm run sim -- [--seeds N] [--from S] [--seed S] [--mutant NAME] [--mutants] [--quick|--full]`. */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { MUTANTS, type Mutant } from './mutants.ts'

export interface Options {
  /** So many seeds are run; 0 for none. */
  readonly seeds: number
  /** The first of them. */
  readonly from: number
  /** One seed is replayed. */
  readonly seed: number | null
  /** Prints that seed's history. */
  readonly isTraced: boolean
  /** The rule that is left out in the seeds that are run. */
  readonly mutant: Mutant | null
  /** Each mutant is run until it is caught, for at most so many seeds; 0 for none. */
  readonly mutantSeeds: number
  readonly workers: number
}

export const USAGE =
  'usage: npm run sim -- [--seeds N | --quick | --full] [--from S] [--mutants] [--mutant NAME] [--workers N]\n' +
  '       npm run sim -- --seed S [--mutant NAME] [--trace]'

const QUICK = { seeds: 1_000, mutantSeeds: 300 }
const FULL = { seeds: 20_000, mutantSeeds: 1_000 }

/** Throws a readable error where the arguments are wrong. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      trace: { type: 'boolean', default: false },
      mutant: { type: 'string' },
      mutants: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      workers: { type: 'string' },
    },
  })
  if (values.quick && values.full) throw new Error('--quick or --full, not both')
  const scope = values.full ? FULL : QUICK
  const isWhole = values.quick || values.full
  const seeds = values.seeds === undefined ? null : natural('--seeds', values.seeds)
  const isOnlyMutants = values.mutants && !isWhole && seeds === null
  return {
    seeds: isOnlyMutants ? 0 : (seeds ?? scope.seeds),
    from: natural('--from', values.from),
    seed: values.seed === undefined ? null : natural('--seed', values.seed),
    isTraced: values.trace,
    mutant: values.mutant === undefined ? null : mutantOf(values.mutant),
    mutantSeeds: isWhole ? scope.mutantSeeds : values.mutants ? FULL.mutantSeeds : 0,
    workers: values.workers === undefined ? availableParallelism() : natural('--workers', values.workers),
  }
}

function natural(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} takes a number from 1`)
  return value
}

function mutantOf(name: string): Mutant {
  const mutant = MUTANTS.find((one) => one === name)
  if (!mutant) throw new Error(`no mutant ${JSON.stringify(name)}; there are ${MUTANTS.join(', ')}`)
  return mutant
}
