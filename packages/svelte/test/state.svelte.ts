/** A value that components follow, for tests, which are no modules of Svelte's. */
export class State<T> {
  value: T = $state.raw() as T

  constructor(value: T) {
    this.value = value
  }
}
