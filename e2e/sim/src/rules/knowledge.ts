import type { Entry } from './log.ts'

export interface Position {
  readonly term: string
  readonly seq: number
}

/** A message that was given. */
export interface Given {
  readonly entry: Entry
  /** How many messages the reader had been given before it. */
  readonly count: number
  readonly epoch: number
}

/** A place where something was given or told; the message's key and entry where it was one. */
interface Step {
  readonly position: Position
  readonly key: string | null
  readonly entry: Entry | null
  readonly epoch: number
}

/** A resume states a position in this many terms. */
export const STATED = 4

export const isAt = (position: Position, other: Position | null): boolean =>
  other !== null && position.term === other.term && position.seq === other.seq

/** What a reader has been given and told, with what earlier readers of its tab were. */
export class Knowledge {
  /** What it was told to be gone, with the number of times. */
  readonly told = new Map<Entry, number>()
  /** The message last given of each key. */
  readonly keys: Map<string, Given>
  /** Everything it was ever given or told, in order. */
  readonly trail: Step[] = []
  /** The highest position in each term, the newest term last. */
  readonly #reach = new Map<string, number>()
  readonly #tab: readonly Knowledge[]
  readonly #heard: readonly Knowledge[]

  /**
   * Each list the latest first.
   * @param tab of readers of its tab: what one of them was given the tab's client knows, and states for all
   * @param heard of those whose application goes on in this one: what it was told it knows
   */
  constructor(tab: readonly Knowledge[], heard: readonly Knowledge[], keys: Iterable<[string, Given]>) {
    this.#tab = tab
    this.#heard = heard
    this.keys = new Map(keys)
  }

  /** As it is now, without the earlier readers: what its reader learns later is not in it. */
  get own(): Knowledge {
    const copy = new Knowledge([], [], this.keys)
    for (const [entry, times] of this.told) copy.told.set(entry, times)
    copy.trail.push(...this.trail)
    for (const [term, seq] of this.#reach) copy.#reach.set(term, seq)
    return copy
  }

  /** For a reader whose application goes on from this one. */
  get toHear(): readonly Knowledge[] {
    return [this.own, ...this.#heard]
  }

  note({ term, seq }: Position): void {
    const highest = Math.max(this.#reach.get(term) ?? 0, seq)
    this.#reach.delete(term)
    this.#reach.set(term, highest)
  }

  /** The log is read anew: no place of before counts, and what is gone may be told again. */
  reset(): void {
    this.#reach.clear()
    for (const entry of this.told.keys()) this.told.set(entry, 0)
  }

  wasTold(entry: Entry): boolean {
    return this.#known.some(({ told }) => told.has(entry))
  }

  /** Whether the message of this key was given in another term than the entry's. */
  knewElsewhere({ term }: Entry, key: string): boolean {
    return this.#all.some(({ keys, trail }) => {
      const known = keys.get(key)
      if (known !== undefined && known.entry.term !== term) return true
      return trail.some((step) => step.key === key && step.entry?.term !== term)
    })
  }

  /** Its last positions in each term, oldest term first; without those of earlier readers. */
  get ownPlaces(): Position[] {
    return [...this.#reach].map(([term, seq]) => ({ term, seq }))
  }

  /** The last positions of its application in each term, the newest first. */
  get places(): Position[] {
    return this.#known.flatMap((one) => one.ownPlaces.reverse())
  }

  /** The highest seqs of a term: its own, and those above it of earlier readers. */
  reachesIn(term: string): number[] {
    const reaches: number[] = []
    for (const one of this.#all) {
      const seq = one.#reach.get(term)
      if (seq !== undefined && seq > (reaches.at(-1) ?? -1)) reaches.push(seq)
    }
    return reaches
  }

  /** Whether so many newer terms came that it does not state this one any more, and cannot claim what it had in it. */
  hasOutlived(term: string): boolean {
    const terms = [...this.#reach.keys()]
    return terms.length - terms.indexOf(term) > STATED
  }

  /** What its application knows. */
  get #known(): readonly Knowledge[] {
    return [this, ...this.#heard]
  }

  /** What its tab's client knows. */
  get #all(): readonly Knowledge[] {
    return [this, ...this.#tab]
  }
}
