import type { Doorbell } from './log.ts'

/** Rings doorbells to listeners, in the order in which they were rung, also where a listener appends. */
export class Doorbells {
  readonly #listeners = new Set<(bell: Doorbell) => void>()
  #waiting: Doorbell[] = []
  #isRinging = false
  /** Bells for which this answers true are lost: a fault for the simulation. */
  isDropped: ((bell: Doorbell) => boolean) | null = null

  subscribe(listener: (bell: Doorbell) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  ring(bell: Doorbell): void {
    if (this.isDropped?.(bell)) return
    this.#waiting.push(bell)
    if (this.#isRinging) return
    this.#isRinging = true
    for (let at = 0; at < this.#waiting.length; at++) this.#tell(this.#waiting[at] as Doorbell)
    this.#waiting = []
    this.#isRinging = false
  }

  clear(): void {
    this.#listeners.clear()
  }

  #tell(bell: Doorbell): void {
    for (const listener of this.#listeners) {
      try {
        listener(bell)
      } catch (error) {
        // The append stands whatever a listener does; its error surfaces as uncaught, not as the appender's.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
