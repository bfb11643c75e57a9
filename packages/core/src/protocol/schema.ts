/**
 * Just enough of a schema language for the frames: values that check, and describe themselves so that a test can
 * pin the protocol's shape. Not for applications' payloads; those are checked by their own validators.
 */

/** Checks a value. */
export interface Schema<T> {
  /**
   * What is wrong with `value`, or `null`. The text is to stand behind the value's name; it begins with the path to
   * the place at fault, which is put together only when there is one.
   */
  readonly fault: (value: unknown) => string | null
  /** The shape as text; equal shapes give equal text. */
  readonly shape: string
  /** Only for types. */
  readonly type?: T
}

export type Infer<S> = S extends Schema<infer T> ? T : never

/** A key that may be absent. */
export interface Optional<T> {
  readonly optional: Schema<T>
}

type Fields = Record<string, Schema<unknown> | Optional<unknown>>
type Required_<F extends Fields> = { [K in keyof F as F[K] extends Optional<unknown> ? never : K]: F[K] }
type OptionalOnly<F extends Fields> = { [K in keyof F as F[K] extends Optional<unknown> ? K : never]: F[K] }
type ObjectOf<F extends Fields> = { readonly [K in keyof Required_<F>]: Infer<F[K]> } & {
  readonly [K in keyof OptionalOnly<F>]?: F[K] extends Optional<infer T> ? T : never
}

const check = <T>(shape: string, fault: Schema<T>['fault']): Schema<T> => ({ shape, fault })

export const optional = <T>(schema: Schema<T>): Optional<T> => ({ optional: schema })

export const unknown: Schema<unknown> = check('any', () => null)

export const boolean: Schema<boolean> = check('boolean', (value) =>
  typeof value === 'boolean' ? null : ' must be true or false',
)

/** Text of `min` to `max` UTF-16 units, and of a form if `pattern` is given. */
export function string(options: { min?: number; max: number; pattern?: RegExp }): Schema<string> {
  const { min = 0, max, pattern } = options
  return check(`string(${min}..${max}${pattern ? ` ${pattern}` : ''})`, (value) => {
    if (typeof value !== 'string') return ' must be text'
    if (value.length < min || value.length > max) return ` must have ${min} to ${max} characters`
    return pattern && !pattern.test(value) ? ' has the wrong form' : null
  })
}

/** A whole number from `min` to `max`, 2^53 - 1 unless told. */
export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): Schema<number> {
  return check(`integer(${min}..${max})`, (value) =>
    Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
      ? null
      : ` must be a whole number from ${min} to ${max}`,
  )
}

export function literal<const T extends string>(...values: readonly T[]): Schema<T> {
  return check(`literal(${values.join('|')})`, (value) =>
    values.includes(value as T) ? null : ` must be ${values.join(' or ')}`,
  )
}

export function nullable<T>(schema: Schema<T>): Schema<T | null> {
  return check(`${schema.shape}|null`, (value) => (value === null ? null : schema.fault(value)))
}

export function array<T>(item: Schema<T>, options: { min?: number; max: number }): Schema<readonly T[]> {
  const { min = 0, max } = options
  return check(`array(${min}..${max} ${item.shape})`, (value) => {
    if (!Array.isArray(value)) return ' must be a list'
    if (value.length < min || value.length > max) return ` must have ${min} to ${max} items`
    for (let at = 0; at < value.length; at++) {
      const fault = item.fault(value[at])
      if (fault) return `[${at}]${fault}`
    }
    return null
  })
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An object with any keys. */
export const record: Schema<Readonly<Record<string, unknown>>> = check('record', (value) =>
  isObject(value) ? null : ' must be an object',
)

/** An object with these fields; further ones are allowed and ignored. */
export function object<const F extends Fields>(fields: F): Schema<ObjectOf<F>> {
  const entries = Object.entries(fields).map(([key, field]) => {
    const isOptional = 'optional' in field
    return { key, isOptional, schema: isOptional ? field.optional : (field as Schema<unknown>) }
  })
  const shape = entries
    .map(({ key, isOptional, schema }) => `${key}${isOptional ? '?' : ''}:${schema.shape}`)
    .join(',')
  return check(`{${shape}}`, (value) => {
    if (!isObject(value)) return ' must be an object'
    for (const { key, isOptional, schema } of entries) {
      if (!Object.hasOwn(value, key)) {
        if (isOptional) continue
        return `.${key} is missing`
      }
      const fault = schema.fault(value[key])
      if (fault) return `.${key}${fault}`
    }
    return null
  })
}

/** The first of several shapes that fits. */
export function union<const S extends readonly Schema<unknown>[]>(...schemas: S): Schema<Infer<S[number]>> {
  return check(schemas.map((schema) => schema.shape).join('|'), (value) =>
    schemas.some((schema) => schema.fault(value) === null) ? null : ' has none of the allowed forms',
  )
}
