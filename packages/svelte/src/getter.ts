/** A value, or a function that gives it as it is now: what of it is reactive is followed. */
export type MaybeGetter<T> = T | (() => T)

export function toValue<T>(given: MaybeGetter<T>): T {
  return typeof given === 'function' ? (given as () => T)() : given
}

/** An object whose properties are what these functions give when they are read. */
export function gettersOf<T extends object>(functions: { readonly [K in keyof T]: () => T[K] }): T {
  const shown = {}
  for (const [name, get] of Object.entries<() => unknown>(functions))
    Object.defineProperty(shown, name, { get, enumerable: true })
  return shown as T
}
