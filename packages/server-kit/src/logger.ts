import { inspect } from 'node:util'

/** Structured logs: an object of fields and a message, the form that pino and its kin take. */
export interface Logger {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

const RANK = { debug: 0, info: 1, warn: 2, error: 3 } as const
type Level = keyof typeof RANK

/**
 * A logger that writes a line of JSON an entry. JSON escapes line breaks and control characters, so that no value can
 * pretend to be another entry.
 * @param write takes each line, without its line break
 * @param options.level the least level written; `warn` where left out
 */
export function jsonLogger(write: (line: string) => void, options: { level?: Level } = {}): Logger {
  const least = RANK[options.level ?? 'warn']
  const at =
    (level: Level) =>
    (fields: Readonly<Record<string, unknown>>, message: string): void => {
      if (RANK[level] >= least) write(formatEntry(level, fields, message))
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

function formatEntry(level: Level, fields: Readonly<Record<string, unknown>>, message: string): string {
  const text =
    jsonOf({ level, message, ...fields }) ?? jsonOf({ level, message, fields: inspect(fields) }) ?? ''
  // JSON leaves these as they are, and many tools break lines at them.
  return text.replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Null where something in it has no JSON: a circle, or a `toJSON` that throws. */
function jsonOf(entry: object): string | null {
  try {
    return JSON.stringify(entry, (_key, value: unknown) =>
      value instanceof Error ? describe(value) : typeof value === 'bigint' ? value.toString() : value,
    )
  } catch {
    return null
  }
}

function describe(error: Error): Record<string, unknown> {
  const { name, message, stack, cause } = error
  return { name, message, stack, ...(cause === undefined ? {} : { cause }) }
}
