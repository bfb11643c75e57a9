const STEP_MS = 250

/** Shows the whole seconds until a time, or null where there is none, until the returned function is called. */
export function countDown(until: number | null, show: (seconds: number | null) => void): () => void {
  if (until === null) {
    show(null)
    return () => undefined
  }
  const tick = (): void => show(Math.max(0, Math.ceil((until - Date.now()) / 1_000)))
  tick()
  const timer = setInterval(tick, STEP_MS)
  return () => clearInterval(timer)
}
