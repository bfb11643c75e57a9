/**
 * `@holdfast/core/contract`: typed channels, for client and server.
 *
 * @packageDocumentation
 */
export { type Contract, type ContractFault, defineContract, type Validation } from './contract.ts'
export type {
  ChannelDefinition,
  ContractDefinition,
  EventsOfPattern,
  ParamsOf,
  PatternFor,
  PatternOf,
  RequestDefinition,
} from './definition.ts'
export type { AnyEvents, EventMap, EventName, EventTypes } from './event-map.ts'
export { type PatternMatch, Patterns } from './patterns.ts'
export type { AnyContract, ChannelArgument, ChannelName, EventsOf, EventsOfKey, PatternKey } from './types.ts'
