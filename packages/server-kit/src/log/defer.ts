import { setImmediate } from 'node:timers'

/** Runs something once, after everything that the present tick still asks for. */
export type Defer = (run: () => void) => void

/** After the tick's input has been handled, before the next is awaited. */
export const systemDefer: Defer = (run) => {
  setImmediate(run)
}
