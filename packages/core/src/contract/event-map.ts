/** The events of a channel as types: what is published and what arrives. */

export interface EventTypes {
  /** What a publisher passes. */
  readonly input: unknown
  /** What subscribers get: the validator's output, as JSON carries it. */
  readonly output: unknown
}

/** Events by name. */
export type EventMap = Readonly<Record<string, EventTypes>>

/** The events of a channel without a contract: every name, any data. */
export type AnyEvents = Readonly<Record<string, { readonly input: unknown; readonly output: unknown }>>

export type EventName<M extends EventMap> = keyof M & string
