import type { Gap, PlacedGap } from '@holdfast/core'
import type { ChatMessage } from './message-text.ts'

/** A line of the log: a message, or a notice that something is missing. */
export type Row =
  | { readonly key: string; readonly gap: Gap; readonly message: null }
  | { readonly key: string; readonly gap: null; readonly message: ChatMessage }

/** Messages with the gaps in their places. */
export function rowsOf(messages: readonly ChatMessage[], gaps: readonly PlacedGap[]): readonly Row[] {
  const before = (place: number): Row[] =>
    gaps
      .filter(({ at }) => at === place)
      .map((gap, order) => ({ key: `gap ${place} ${order}`, gap, message: null }))
  const lines = messages.flatMap((message, place): Row[] => [
    ...before(place),
    { key: `${message.sender} ${message.id}`, gap: null, message },
  ])
  return [...lines, ...before(messages.length)]
}
