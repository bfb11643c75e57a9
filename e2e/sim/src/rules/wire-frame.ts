/** Reading parsed frames without the packages' own schemas. */
export type Fields = Readonly<Record<string, unknown>>

export interface Place {
  readonly term: string
  readonly seq: number
}

export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {}

export const listOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : [])

export const isSeq = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0

/** An offset's position; null where the text is none. */
export function placeOf(offset: unknown): Place | null {
  if (typeof offset !== 'string') return null
  const match = /^(\d{16})_([0-9a-z]{19})(?:\.[\w-]{16})?$/.exec(offset)
  return match === null ? null : { seq: Number(match[1]), term: match[2] as string }
}

export const plainOf = (offset: string): string => offset.split('.', 1)[0] ?? offset

/** How many seqs an item stands for. */
export function seqsOf(item: Fields): number {
  const isSkip = item.id === undefined && item.lost === undefined && item.skip !== undefined
  return isSkip ? Number(item.skip) : 1
}

/** What is wrong with an item; null where nothing is. */
export function faultOf(item: Fields): string | null {
  if (item.id !== undefined) {
    const isMessage = typeof item.id === 'string' && typeof item.time === 'number' && 'data' in item
    return isMessage ? null : `a message without id, time or data`
  }
  if (item.lost !== undefined) {
    const { term, from, to } = fieldsOf(item.lost)
    const isRange = isSeq(to) && (from === null || (isSeq(from) && from > 0 && from <= to))
    return typeof term === 'string' && isRange ? null : `a loss marker of ${JSON.stringify(item.lost)}`
  }
  if (item.skip !== undefined && !(isSeq(item.skip) && item.skip > 0))
    return `a skip of ${JSON.stringify(item.skip)}`
  return null
}

const utf8 = new TextEncoder()

export const bytesOf = (frame: unknown): number => utf8.encode(JSON.stringify(frame)).length
