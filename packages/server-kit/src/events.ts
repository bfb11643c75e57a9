/** What a hub tells its surroundings. */

import type { Logger } from './logger.ts'
import type { Identity } from './options.ts'

export interface ClientInfo {
  /** Names the session; for logs. */
  readonly session: string
  /** Names the client across its sessions. */
  readonly clientId: string
  readonly identity: Identity
}

export interface HubEvents {
  /** A client was attached: its token was accepted. */
  connect: ClientInfo
  /** A client that had been attached left, or its connection ended. */
  disconnect: ClientInfo
  subscribe: ClientInfo & { readonly channel: string }
  /** Also when the connection ends. */
  unsubscribe: ClientInfo & { readonly channel: string }
  /** Messages were accepted; `identity` is null for the server's own. Not told again for a duplicate. */
  publish: {
    readonly channel: string
    readonly identity: Identity | null
    readonly ids: readonly string[]
    /** The position after the last; null on an ephemeral channel. */
    readonly offset: string | null
  }
  /** Something failed that no caller can be told of in full. `reference` is what the client was told, if one was. */
  error: { readonly error: unknown; readonly context: string; readonly reference?: string }
}

export type HubEvent = keyof HubEvents
type Listener<E extends HubEvent> = (event: HubEvents[E]) => void

export class Events {
  readonly #listeners = new Map<HubEvent, Set<Listener<HubEvent>>>()
  readonly #logger: Logger

  constructor(logger: Logger) {
    this.#logger = logger
  }

  on<E extends HubEvent>(event: E, listener: Listener<E>): () => void {
    // A function of its own, so that a listener added twice is called twice and removed once.
    const own = (value: HubEvents[HubEvent]): void => listener(value as HubEvents[E])
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners.add(own))
    return () => listeners.delete(own)
  }

  /** A listener that throws disturbs neither the others nor the hub. */
  emit<E extends HubEvent>(event: E, value: HubEvents[E]): void {
    const listeners = this.#listeners.get(event)
    if (!listeners) return
    for (const listener of [...listeners]) {
      try {
        listener(value)
      } catch (error) {
        this.#log({ event, error }, 'A listener of the hub threw.')
      }
    }
  }

  /** Tells and logs an error. */
  fail(context: string, error: unknown, reference?: string): void {
    const told = reference === undefined ? {} : { reference }
    this.#log({ context, error, ...told }, 'The hub met an error.')
    this.emit('error', { error, context, ...told })
  }

  /** A logger that throws must not turn an error that was met into one that was not. */
  #log(fields: Readonly<Record<string, unknown>>, message: string): void {
    try {
      this.#logger.error(fields, message)
    } catch {
      // There is nowhere left to tell it.
    }
  }
}
