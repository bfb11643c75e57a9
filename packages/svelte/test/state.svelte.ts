/** What runes give, for tests, which are no modules of Svelte's. */
export class State<T> {
  value: T = $state.raw() as T

  constructor(value: T) {
    this.value = value
  }
}

export function effect(run: () => void): void {
  $effect(run)
}
