/**
 * Just enough of a schema language for the frames: values that check, and keep what they are made of, so that a test
 * can pin the protocol's shape. Not for applications' payloads; those are checked by their own validators. The
 * functions are marked as free of side effects, or a client would ship the schemas that only servers use.
 */

/** Checks a value. */
export interface Schema<T> {
  /**
   * What is wrong with `value`, or `null`. The text is to stand behind the value's name; it begins with the path to
   * the place at fault, which is put together only when there is one.
   */
  readonly fault: (value: unknown) => string | null
  /** What it is made of: its kind, then what the kind needs. */
  readonly parts: readonly unknown[]
  /** Only for types. */
  readonly type?: T
}

export type Infer<S> = S extends Schema<infer T> ? T : never

/** A key that may be absent. */
export interface Optional<T> {
  readonly optional: Schema<T>
}

export type Fields = Record<string, Schema<unknown> | Optional<unknown>>
type Required_<F extends Fields> = { [K in keyof F as F[K] extends Optional<unknown> ? never : K]: F[K] }
type OptionalOnly<F extends Fields> = { [K in keyof F as F[K] extends Optional<unknown> ? K : never]: F[K] }
type ObjectOf<F extends Fields> = { readonly [K in keyof Required_<F>]: Infer<F[K]> } & {
  readonly [K in keyof OptionalOnly<F>]?: F[K] extends Optional<infer T> ? T : never
}

const schema = <T>(fault: Schema<T>['fault'], ...parts: unknown[]): Schema<T> => ({ fault, parts })

/* @__NO_SIDE_EFFECTS__ */
export function optional<T>(inner: Schema<T>): Optional<T> {
  return { optional: inner }
}

export const unknown: Schema<unknown> = /* @__PURE__ */ schema(() => null, 'any')

export const boolean: Schema<boolean> = /* @__PURE__ */ schema(
  (value) => (typeof value === 'boolean' ? null : ' must be true or false'),
  'boolean',
)

/** Text of `min` to `max` UTF-16 units, and of a form if `pattern` is given. */
/* @__NO_SIDE_EFFECTS__ */
export function string(min: number, max: number, pattern?: RegExp): Schema<string> {
  return schema(
    (value) =>
      typeof value !== 'string'
        ? ' must be text'
        : value.length < min || value.length > max
          ? ` must have ${min} to ${max} characters`
          : pattern && !pattern.test(value)
            ? ' has the wrong form'
            : null,
    'string',
    min,
    max,
    pattern,
  )
}

/** A whole number from `min` to `max`, 2^53 - 1 unless told. */
/* @__NO_SIDE_EFFECTS__ */
export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): Schema<number> {
  return schema(
    (value) =>
      Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
        ? null
        : ` must be a whole number from ${min} to ${max}`,
    'integer',
    min,
    max,
  )
}

/* @__NO_SIDE_EFFECTS__ */
export function literal<const T extends string>(...values: readonly T[]): Schema<T> {
  return schema(
    (value) => (values.includes(value as T) ? null : ` must be ${values.join(' or ')}`),
    'literal',
    values,
  )
}

/* @__NO_SIDE_EFFECTS__ */
export function nullable<T>(inner: Schema<T>): Schema<T | null> {
  return schema((value) => (value === null ? null : inner.fault(value)), 'nullable', inner)
}

/* @__NO_SIDE_EFFECTS__ */
export function array<T>(item: Schema<T>, min: number, max: number): Schema<readonly T[]> {
  return schema(
    (value) => {
      if (!Array.isArray(value)) return ' must be a list'
      if (value.length < min || value.length > max) return ` must have ${min} to ${max} items`
      for (let at = 0; at < value.length; at++) {
        const fault = item.fault(value[at])
        if (fault) return `[${at}]${fault}`
      }
      return null
    },
    'array',
    item,
    min,
    max,
  )
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An object with any keys. */
export const record: Schema<Readonly<Record<string, unknown>>> = /* @__PURE__ */ schema(
  (value) => (isObject(value) ? null : ' must be an object'),
  'record',
)

/** An object with these fields; further ones are allowed and ignored. */
/* @__NO_SIDE_EFFECTS__ */
export function object<const F extends Fields>(fields: F): Schema<ObjectOf<F>> {
  const entries = Object.entries(fields)
  return schema(
    (value) => {
      if (!isObject(value)) return ' must be an object'
      for (const [key, field] of entries) {
        const isOptional = 'optional' in field
        if (!Object.hasOwn(value, key)) {
          if (isOptional) continue
          return `.${key} is missing`
        }
        const fault = (isOptional ? field.optional : field).fault(value[key])
        if (fault) return `.${key}${fault}`
      }
      return null
    },
    'object',
    entries,
  )
}

/** The first of several shapes that fits. */
/* @__NO_SIDE_EFFECTS__ */
export function union<const S extends readonly Schema<unknown>[]>(...schemas: S): Schema<Infer<S[number]>> {
  return schema(
    (value) => (schemas.some(({ fault }) => fault(value) === null) ? null : ' has none of the allowed forms'),
    'union',
    schemas,
  )
}
