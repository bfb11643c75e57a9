/** A schema as text: equal shapes give equal text. */
import type { Optional, Schema } from './schema.ts'

type Entry = readonly [key: string, field: Schema<unknown> | Optional<unknown>]

export function shapeOf({ parts }: Schema<unknown>): string {
  const [kind, ...args] = parts as readonly [string, ...unknown[]]
  switch (kind) {
    case 'string': {
      const [min, max, pattern] = args
      return `string(${min}..${max}${pattern ? ` ${pattern}` : ''})`
    }
    case 'integer':
      return `integer(${args[0]}..${args[1]})`
    case 'literal':
      return `literal(${(args[0] as readonly string[]).join('|')})`
    case 'nullable':
      return `${shapeOf(args[0] as Schema<unknown>)}|null`
    case 'array':
      return `array(${args[1]}..${args[2]} ${shapeOf(args[0] as Schema<unknown>)})`
    case 'object': {
      const fields = (args[0] as readonly Entry[]).map(([key, field]) =>
        'optional' in field ? `${key}?:${shapeOf(field.optional)}` : `${key}:${shapeOf(field)}`,
      )
      return `{${fields.join(',')}}`
    }
    case 'union':
      return (args[0] as readonly Schema<unknown>[]).map(shapeOf).join('|')
    default:
      return kind
  }
}
