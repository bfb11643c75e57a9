/** What a client took: each number once and in order, and how long it needed. Knows no Node, for browsers use it too. */
export interface ReceiptResult {
  readonly received: number
  readonly faults: readonly string[]
  readonly perSecond: number
  /** When the warm-up was over, by `performance.now()`. */
  readonly startedAt: number
}

/** Without a message for this long, what is missing will not come. */
const PATIENCE_MS = 5_000
const MAX_FAULTS = 10

export class Receipt {
  /** Resolves when all is there, or nothing more comes. */
  readonly done: Promise<ReceiptResult>
  readonly #total: number
  readonly #warmUp: number
  readonly #faults: string[] = []
  #resolve: (result: ReceiptResult) => void = () => {}
  #received = 0
  #startedAt = 0

  constructor(total: number, warmUp: number) {
    this.#total = total
    this.#warmUp = warmUp
    this.done = new Promise((resolve) => {
      this.#resolve = resolve
    })
    let seen = -1
    const watch = setInterval(() => {
      if (this.#received > seen && this.#received < total) {
        seen = this.#received
        return
      }
      clearInterval(watch)
      this.#finish()
    }, PATIENCE_MS)
  }

  take(number: number): void {
    if (number !== this.#received && this.#faults.length < MAX_FAULTS) {
      this.#faults.push(`expected message ${this.#received}, got ${number}`)
    }
    this.#received++
    if (this.#received === this.#warmUp) this.#startedAt = performance.now()
    else if (this.#received === this.#total) this.#finish()
  }

  #finish(): void {
    const seconds = (performance.now() - this.#startedAt) / 1_000
    const perSecond = (this.#received - this.#warmUp) / seconds
    this.#resolve({ received: this.#received, faults: this.#faults, perSecond, startedAt: this.#startedAt })
  }
}
