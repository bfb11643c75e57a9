/** Losses that somebody was told of: of each of the last terms, the seqs from … to. */
import { RESUME_TERMS } from '../protocol/index.ts'

/** `from` is the lowest told seq: 0 where it is left out, or where the log could not name it. */
export type ToldLoss = readonly [term: string, to: number, from?: number]

export class Told {
  readonly #losses = new Map<string, { readonly from: number; readonly to: number }>()

  get record(): readonly ToldLoss[] {
    return [...this.#losses].map(([term, { from, to }]) => [term, to, from])
  }

  restore(record: readonly ToldLoss[]): void {
    for (const [term, to, from = 0] of record) this.#losses.set(term, { from, to })
  }

  /**
   * Takes note of a lost tail, and answers what of it is news; null where nothing is. A log that fails over twice may
   * lose what lies below the first loss.
   */
  take(term: string, from: number | null, to: number): { from: number | null; to: number } | null {
    const told = this.#losses.get(term)
    const low = from ?? 0
    if (told && low >= told.from && to <= told.to) return null
    const isAdjoining = told !== undefined && low <= told.to + 1 && to >= told.from - 1
    this.#losses.delete(term)
    this.#losses.set(
      term,
      isAdjoining ? { from: Math.min(low, told.from), to: Math.max(to, told.to) } : { from: low, to },
    )
    const [oldest] = this.#losses.keys()
    if (this.#losses.size > RESUME_TERMS && oldest !== undefined) this.#losses.delete(oldest)
    if (!isAdjoining) return { from, to }
    if (low >= told.from) return { from: Math.max(low, told.to + 1), to }
    return { from, to: to > told.to ? to : Math.min(to, told.from - 1) }
  }
}
