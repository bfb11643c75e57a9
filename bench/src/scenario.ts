/** What a scenario is made of: cases, each run on several targets round by round, and judged by gates. */
import type { Tally } from './load.ts'

export interface Metric {
  readonly key: string
  readonly title: string
  readonly format: (value: number) => string
}

/** What one run of one target measured, by metric key. */
export interface Sample {
  readonly values: Readonly<Record<string, number>>
  /** What was counted at the end, where the case delivers messages. */
  readonly tally: Tally | null
}

/** A figure to reach: of a target alone, or its ratio to another's in neighbouring runs. */
export interface Gate {
  readonly metric: string
  readonly target: string
  readonly against?: string
  readonly atLeast?: number
  readonly atMost?: number
}

export interface Case {
  readonly name: string
  /** What else is to be known beside a figure: window, payload, subscribers. */
  readonly setting: string
  /** In the order in which they run within a round; the target under test stands beside what it is compared with. */
  readonly targets: readonly string[]
  /** The first is the headline, whose ratios are shown. */
  readonly metrics: readonly Metric[]
  /** Whether a lower headline is better. */
  readonly isLowerBetter?: boolean
  readonly gates: readonly Gate[]
  readonly run: (target: string) => Promise<Sample>
}

export interface RunOptions {
  /** A few seconds: delivery counts are checked, figures are not. */
  readonly isQuick: boolean
  readonly rounds: number
}

export type Scenario = (options: RunOptions) => readonly Case[]
