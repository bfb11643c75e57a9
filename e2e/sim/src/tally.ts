/** How often each kind of fault was applied, and how often it met something that it could break. */
import { FAULT_KINDS, type FaultKind } from './plan.ts'

export interface Count {
  readonly applied: number
  readonly bitten: number
}

export type Counts = Readonly<Record<FaultKind, Count>>

export class Tally {
  readonly #counts = new Map<FaultKind, { applied: number; bitten: number }>()

  applied(kind: FaultKind): void {
    this.#of(kind).applied++
  }

  bitten(kind: FaultKind): void {
    this.#of(kind).bitten++
  }

  get counts(): Counts {
    return Object.fromEntries(FAULT_KINDS.map((kind) => [kind, { ...this.#of(kind) }])) as unknown as Counts
  }

  #of(kind: FaultKind): { applied: number; bitten: number } {
    let count = this.#counts.get(kind)
    if (!count) {
      count = { applied: 0, bitten: 0 }
      this.#counts.set(kind, count)
    }
    return count
  }
}
