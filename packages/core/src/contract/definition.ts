/** What a contract is made of, and the types that follow from it. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { EventMap } from './event-map.ts'

/** What one kind of channel carries. Validators are those of any library that speaks Standard Schema: zod, valibot, arktype … */
export interface ChannelDefinition {
  /** By event. What no event names cannot be published. */
  readonly events?: Readonly<Record<string, StandardSchemaV1>>
  /** What a member says of itself. */
  readonly presence?: StandardSchemaV1
}

export interface RequestDefinition {
  readonly input: StandardSchemaV1
  readonly output: StandardSchemaV1
}

export interface ContractDefinition {
  /**
   * By pattern: `room:{id}` stands for every name with one or more characters, but no `:`, in place of the braces. The
   * pattern with the most characters outside of braces counts.
   */
  readonly channels: Readonly<Record<string, ChannelDefinition>>
  /** By name. */
  readonly requests?: Readonly<Record<string, RequestDefinition>>
}

/** The patterns of a definition. */
export type PatternOf<D extends ContractDefinition> = keyof D['channels'] & string

/** The names that a pattern stands for, as far as a type can say it. */
export type NameOf<P extends string> = P extends `${infer Head}{${string}}${infer Tail}`
  ? `${Head}${string}${NameOf<Tail>}`
  : P

/** What stands in place of a pattern's braces. */
export type ParamsOf<P extends string> = P extends `${string}{${infer Name}}${infer Tail}`
  ? { readonly [K in Name]: string } & ParamsOf<Tail>
  : unknown

/** A text's colons, as a list as long as there are. A parameter holds none, so that a name has those of its pattern. */
type Colons<S extends string> = S extends `${string}:${infer Rest}` ? [':', ...Colons<Rest>] : []

/** The patterns that a name belongs to. */
type Matching<D extends ContractDefinition, N extends string> = {
  [P in PatternOf<D>]: N extends NameOf<P> ? (Colons<N> extends Colons<P> ? P : never) : never
}[PatternOf<D>]

/** Of several patterns the one whose names are among those of all others. */
type MostSpecific<All extends string, P extends string = All> = P extends string
  ? [All] extends [P | Wider<P, All>]
    ? P
    : never
  : never
type Wider<P extends string, Q extends string> = Q extends string
  ? NameOf<P> extends NameOf<Q>
    ? Q
    : never
  : never

/** The pattern that counts for a name; never where none does. */
export type PatternFor<D extends ContractDefinition, N extends string> = MostSpecific<Matching<D, N>>

/** The events of a pattern, as types. */
export type EventsOfPattern<D extends ContractDefinition, P extends PatternOf<D>> =
  P extends PatternOf<D>
    ? D['channels'][P]['events'] extends infer E extends Readonly<Record<string, StandardSchemaV1>>
      ? EventTypesOf<E>
      : Record<never, never>
    : never

type EventTypesOf<E extends Readonly<Record<string, StandardSchemaV1>>> = {
  readonly [K in keyof E & string]: {
    readonly input: StandardSchemaV1.InferInput<E[K]>
    readonly output: StandardSchemaV1.InferOutput<E[K]>
  }
} extends infer M extends EventMap
  ? M
  : never
