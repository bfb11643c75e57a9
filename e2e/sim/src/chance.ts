/** Random choices, all from the seed. */
import type { Random } from '@holdfast/core/ports'
import { seededRandom } from '@holdfast/core/testing'

export class Chance {
  readonly random: Random

  constructor(random: Random) {
    this.random = random
  }

  /** A stream of its own: what one part draws does not change what another does. */
  static of(seed: number, stream: number): Chance {
    const mixed = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(stream + 1, 0xc2b2ae35)
    const random = seededRandom(mixed)
    random.fraction()
    return new Chance(random)
  }

  /** Whether something happens that does so with this probability. */
  hits(probability: number): boolean {
    return this.random.fraction() < probability
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.random.fraction() * (most - least + 1))
  }

  one<T>(list: readonly [T, ...T[]] | readonly T[]): T {
    return list[this.between(0, list.length - 1)] as T
  }

  /** A key of the weights, each as often as its weight says. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const entries = Object.entries(weights) as [K, number][]
    let left = this.random.fraction() * entries.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [key, weight] of entries) {
      left -= weight
      if (left < 0) return key
    }
    return (entries[0] as [K, number])[0]
  }
}
