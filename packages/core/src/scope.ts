/** Whose data the store has open: one app's and one identity's at a time. */
import type { WelcomeFrame } from './protocol/index.ts'
import type { Store } from './stores/store.ts'

const APP = 'app'
const ANONYMOUS_SCOPE = 'anonymous-scope'

export interface ScopeOptions {
  readonly store: Store
  /** The identity that the page expects, if it says one. */
  readonly expected: string | null
  /** Whether the client sends no token, so that it is whom this installation always was. */
  readonly isAnonymous: boolean
  /** Called before another scope is opened than the one that is: nothing may be written to either meanwhile. */
  readonly leaving: () => void
  /** Called after a scope was opened, before anything that waits for it goes on. */
  readonly opened: (scope: string) => Promise<void>
}

export class Scope {
  readonly #options: ScopeOptions
  #current: string | null = null
  #waiting: (() => void)[] = []
  /** Openings happen one after the other. */
  #last: Promise<void> = Promise.resolve()
  #triedEarly = false

  constructor(options: ScopeOptions) {
    this.#options = options
  }

  /** Opens what can be known before the server has spoken: the page's word, or this installation's anonymous data. */
  openEarly(): void {
    if (this.#triedEarly) return
    this.#triedEarly = true
    this.#enqueue(async () => {
      const { store, expected, isAnonymous } = this.#options
      if (this.#current !== null) return
      if (expected !== null) {
        const app = await store.getValue(APP)
        if (app !== null) await this.#open(format(app, expected))
      } else if (isAnonymous) {
        const scope = await store.getValue(ANONYMOUS_SCOPE)
        if (scope !== null) await this.#open(scope)
      }
    })
  }

  /** Opens the scope of a session. */
  openFor({ app, identity }: WelcomeFrame): Promise<void> {
    this.#triedEarly = true
    const scope = format(app, identity.id)
    return this.#enqueue(async () => {
      if (this.#current === scope) return
      await this.#open(scope)
      await this.#options.store.setValue(APP, app)
      if (identity.isAnonymous) await this.#options.store.setValue(ANONYMOUS_SCOPE, scope)
    })
  }

  /** Resolves when a scope is open. */
  whenOpen(): Promise<void> {
    if (this.#current !== null) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** Nobody's data is open any more. */
  leave(): void {
    this.#current = null
    this.#triedEarly = false
  }

  async #open(scope: string): Promise<void> {
    if (this.#current !== null) this.#options.leaving()
    await this.#options.store.open(scope)
    await this.#options.opened(scope)
    this.#current = scope
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  #enqueue(step: () => Promise<void>): Promise<void> {
    const result = this.#last.then(step)
    this.#last = result.catch(() => undefined)
    return result
  }
}

function format(app: string, identity: string): string {
  return JSON.stringify([app, identity])
}
