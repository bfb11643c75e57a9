/** A channel's subscription on the wire: brought, step by step, to what the application wants. */
import type { HoldfastError } from '../errors.ts'
import type { Clock, Timer } from '../ports/index.ts'
import type { Writable } from '../readable.ts'
import { type ChannelState, IDLE, SUBSCRIBING } from './state.ts'

/** Wait before asking again after an answer that may change by itself, unless the server names a longer one. */
export const RETRY_MS = 2_000

export interface WireActions {
  readonly clock: Clock
  readonly lingerMs: number
  isUp(): boolean
  /** Whether the channel knows where it stands; where not, it finds out and calls `reconcile` later. */
  isReady(): boolean
  subscribe(): void
  unsubscribe(): void
}

/** `off` → `subscribing` → `on` → `unsubscribing` → `off`; a lost session leads to `off` from everywhere. */
type WireState = 'off' | 'subscribing' | 'on' | 'unsubscribing'

export class Wire {
  readonly #actions: WireActions
  readonly #shown: Writable<ChannelState>
  #state: WireState = 'off'
  #references = 0
  #linger: Timer | null = null
  #retry: Timer | null = null

  constructor(actions: WireActions, shown: Writable<ChannelState>) {
    this.#actions = actions
    this.#shown = shown
  }

  get isOn(): boolean {
    return this.#state === 'on'
  }

  /** Nobody has retained it, and nothing of it is on the wire. */
  get isUnused(): boolean {
    return this.#references === 0 && this.#linger === null && this.#state === 'off'
  }

  get isWanted(): boolean {
    return this.#references > 0 || this.#linger !== null
  }

  /** Wants the subscription until the returned function is called, and a linger longer. */
  retain(): () => void {
    this.#stopLingering()
    this.#references++
    if (this.#shown.value.status === 'idle') this.#shown.set(SUBSCRIBING)
    this.reconcile()
    return () => this.#release()
  }

  sessionChanged(isUp: boolean): void {
    this.#state = 'off'
    this.#stopRetrying()
    if (this.#shown.value.status === 'subscribed') this.#shown.set(SUBSCRIBING)
    if (!isUp && this.#references === 0) this.#stopLingering()
    this.reconcile()
  }

  accepted(state: ChannelState): void {
    this.#state = 'on'
    this.#shown.set(state)
    this.reconcile()
  }

  /** The server said no, or took the subscription away. */
  refused(error: HoldfastError): void {
    this.#state = 'off'
    if (error.retryWhen === 'never') {
      this.#shown.set({ status: 'denied', error })
      return
    }
    this.#shown.set(SUBSCRIBING)
    // A lost session needs no timer of its own: the next one subscribes again.
    if (error.code === 'network' || error.code === 'disconnected') return
    this.#stopRetrying()
    this.#retry = this.#actions.clock.after(Math.max(RETRY_MS, error.retryAfterMs ?? 0), () => {
      this.#retry = null
      this.reconcile()
    })
  }

  unsubscribed(): void {
    if (this.#state === 'unsubscribing') this.#state = 'off'
    this.reconcile()
  }

  /** Subscribes again from where the channel stands. */
  resync(): void {
    this.#state = 'off'
    this.reconcile()
  }

  /** Something came that nobody listens to: the next one gets it when the channel is subscribed again. */
  giveUp(): void {
    if (this.#state === 'subscribing') this.#state = 'on'
    this.#stopLingering()
    this.reconcile()
  }

  /** After `denied`: asks again. */
  retry(): void {
    if (this.#shown.value.status !== 'denied') return
    this.#shown.set(SUBSCRIBING)
    this.reconcile()
  }

  /** Brings the wire a step nearer to what is wanted. Called whenever either may have changed. */
  reconcile(): void {
    if (this.isWanted) this.#approach()
    else this.#retreat()
  }

  #approach(): void {
    const isWaiting = this.#retry !== null || this.#shown.value.status === 'denied'
    if (this.#state !== 'off' || isWaiting || !this.#actions.isUp() || !this.#actions.isReady()) return
    this.#state = 'subscribing'
    this.#shown.set(SUBSCRIBING)
    this.#actions.subscribe()
  }

  #retreat(): void {
    this.#stopRetrying()
    if (this.#state === 'on') {
      this.#state = 'unsubscribing'
      this.#actions.unsubscribe()
    }
    // An answer to `subscribe` is still to come; it brings us here again.
    if (this.#state !== 'subscribing') this.#shown.set(IDLE)
  }

  #release(): void {
    if (--this.#references > 0) return
    this.#linger = this.#actions.clock.after(this.#actions.lingerMs, () => {
      this.#linger = null
      this.reconcile()
    })
  }

  #stopLingering(): void {
    this.#linger?.clear()
    this.#linger = null
  }

  #stopRetrying(): void {
    this.#retry?.clear()
    this.#retry = null
  }
}
