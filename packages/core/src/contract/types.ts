/** What a contract says of names and messages, for the signatures of clients, hubs and bindings. */
import type { Contract } from './contract.ts'
import type { ContractDefinition, EventsOfPattern, NameOf, PatternFor, PatternOf } from './definition.ts'
import type { AnyEvents, EventMap } from './event-map.ts'

/** Any contract, or none. */
export type AnyContract = Contract | undefined

/** The names of a contract's channels; any text without a contract. */
export type ChannelName<C extends AnyContract> =
  C extends Contract<infer D> ? (ContractDefinition extends D ? string : NameOf<PatternOf<D>>) : string

/**
 * The type of a parameter that takes a channel's name: the name itself where the contract has it, else a text that says
 * what is wrong, which is what the compiler then shows.
 */
export type ChannelArgument<C extends AnyContract, N extends string> =
  C extends Contract<infer D>
    ? ContractDefinition extends D
      ? N
      : [PatternFor<D, N>] extends [never]
        ? `The contract has no channel ${N}; it has ${PatternOf<D>}`
        : N
    : N

/** The events of a channel. */
export type EventsOf<C extends AnyContract, N extends string> =
  C extends Contract<infer D>
    ? ContractDefinition extends D
      ? AnyEvents
      : EventsOfPattern<D, PatternFor<D, N>> extends infer M extends EventMap
        ? M
        : never
    : AnyEvents

/** The patterns of a contract; any text without one. */
export type PatternKey<C extends AnyContract> =
  C extends Contract<infer D> ? (ContractDefinition extends D ? string : PatternOf<D>) : string

/** The events of a pattern. */
export type EventsOfKey<C extends AnyContract, P extends string> =
  C extends Contract<infer D>
    ? P extends PatternOf<D>
      ? ContractDefinition extends D
        ? AnyEvents
        : EventsOfPattern<D, P>
      : AnyEvents
    : AnyEvents
