/** A map for places with ten thousand maps of one entry each: the first entry needs no table. */
export class SmallMap<K, V> {
  #key: K | undefined = undefined
  #value: V | undefined = undefined
  #rest: Map<K, V> | null = null

  get size(): number {
    return (this.#value === undefined ? 0 : 1) + (this.#rest?.size ?? 0)
  }

  get(key: K): V | undefined {
    return this.#value !== undefined && this.#key === key ? this.#value : this.#rest?.get(key)
  }

  set(key: K, value: V & {}): void {
    if (this.#value === undefined ? !this.#rest?.has(key) : this.#key === key) {
      this.#key = key
      this.#value = value
    } else {
      this.#rest ??= new Map()
      this.#rest.set(key, value)
    }
  }

  delete(key: K): void {
    if (this.#value !== undefined && this.#key === key) {
      this.#key = undefined
      this.#value = undefined
    } else if (this.#rest?.delete(key) && this.#rest.size === 0) this.#rest = null
  }

  has(key: K): boolean {
    return this.get(key) !== undefined
  }

  /** A copy of the entries of now. */
  entries(): [K, V][] {
    const first: [K, V][] = this.#value === undefined ? [] : [[this.#key as K, this.#value]]
    return this.#rest ? [...first, ...this.#rest] : first
  }

  values(): V[] {
    return this.entries().map(([, value]) => value)
  }
}
