/** Rules of the product that can be left out, to see that the simulation notices. */
import type { ClientOptions } from '@holdfast/core'
import type { HubMutant } from '@holdfast/server-kit'
import type { LogMutant } from '../../../packages/server-kit/src/log/lineage.ts'

type ClientMutant = NonNullable<ClientOptions['mutants']> extends ReadonlySet<infer M> ? M : never

const CLIENT = ['no-duplicate-filter', 'no-id-filter', 'no-resume-at'] as const satisfies ClientMutant[]
const HUB = [
  'replay-before-subscribe',
  'no-buffer',
  'no-hole-check',
  'no-probe',
] as const satisfies HubMutant[]
const LOG = ['no-dedupe', 'no-loss-marker', 'unknown-terms-ignored'] as const satisfies LogMutant[]

export type Mutant = ClientMutant | HubMutant | LogMutant

export const MUTANTS: readonly Mutant[] = [...CLIENT, ...HUB, ...LOG]

export interface Mutated {
  readonly client: ReadonlySet<ClientMutant>
  readonly hub: ReadonlySet<HubMutant>
  readonly log: ReadonlySet<LogMutant>
}

/** Where the mutant is to be set. */
export function mutated(mutant: Mutant | null): Mutated {
  const among = <M extends Mutant>(list: readonly M[]): ReadonlySet<M> =>
    new Set(list.filter((one) => one === mutant))
  return { client: among(CLIENT), hub: among(HUB), log: among(LOG) }
}
