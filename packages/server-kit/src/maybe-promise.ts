/** A value, or a promise of it. What answers at once is used at once: a hook that is no promise costs no tick. */
export type MaybePromise<T> = T | Promise<T>

export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  )
}

/** What `map` makes of each of a list, one after the other; at once where each comes at once. */
export function eachInTurn<T, R>(list: readonly T[], map: (value: T) => MaybePromise<R>): MaybePromise<R[]> {
  let results: MaybePromise<R[]> = []
  for (const value of list)
    results = whenReady(results, (all) =>
      whenReady(map(value), (result) => {
        all.push(result)
        return all
      }),
    )
  return results
}

/** `next` of the value, now if it is there. (A module that exports `then` would count as a promise itself.) */
export function whenReady<T, R>(
  value: MaybePromise<T>,
  next: (value: T) => MaybePromise<R>,
): MaybePromise<R> {
  return isPromise(value) ? value.then(next) : next(value)
}
