/** What a party knew of a channel's last terms: the highest seq of each. */
import { type Position, RESUME_TERMS } from '@holdfast/core/protocol'
import type { Claim } from './log/log.ts'

export class Known {
  /** Newest term first. */
  #claims: { term: string; seq: number }[] = []

  /** For the log; what is in it may rise while a call is under way, and stays true. */
  get claims(): readonly Claim[] {
    return this.#claims
  }

  note({ term, seq }: Position): void {
    const newest = this.#claims[0]
    if (newest?.term === term) {
      if (seq > newest.seq) newest.seq = seq
      return
    }
    if (seq === 0) return
    const held = this.#claims.find((claim) => claim.term === term)
    const others = this.#claims.filter((claim) => claim.term !== term).slice(0, RESUME_TERMS - 1)
    this.#claims = [{ term, seq: Math.max(seq, held?.seq ?? 0) }, ...others]
  }

  /** A position with those of the other terms behind it: what a resume states. */
  positionsFrom(position: Position): Position[] {
    const others = this.#claims.filter(({ term }) => term !== position.term).slice(0, RESUME_TERMS - 1)
    return [position, ...others.map(({ term, seq }) => ({ term, seq }))]
  }
}
