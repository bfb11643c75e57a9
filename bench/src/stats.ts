/** The few statistics that the tables use. */

/** The middle value; the mean of the two middle ones where there is no middle. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** The smallest value that at least `fraction` of the values do not exceed. `sorted` rises. */
export function percentile(sorted: ArrayLike<number>, fraction: number): number {
  const rank = Math.ceil(sorted.length * fraction)
  return sorted[Math.max(0, Math.min(sorted.length, rank) - 1)] ?? Number.NaN
}

export interface Spread {
  readonly min: number
  readonly max: number
}

export function spread(values: readonly number[]): Spread {
  return { min: Math.min(...values), max: Math.max(...values) }
}

/**
 * One ratio a round, of runs that were neighbours in time. The machine's speed drifts between rounds, so the ratio of
 * two medians would compare runs of different minutes.
 */
export function ratiosOfPairs(values: readonly number[], references: readonly number[]): number[] {
  const pairs = Math.min(values.length, references.length)
  return Array.from(
    { length: pairs },
    (_, round) => (values[round] as number) / (references[round] as number),
  )
}
