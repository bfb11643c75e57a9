/** What a server says to one client that is to take as much as it can. */

export const BLASTS = ['ws-batched', 'holdfast', 'ws', 'socketio'] as const
export type BlastName = (typeof BLASTS)[number]

/** Messages a frame, where the protocol can carry several. */
export const BATCH = 64

export interface Blast {
  /** The text of each frame, in order: messages 0 to `total` - 1. Made before the clock runs. */
  frames(total: number): Iterable<string>
  /** Said when the socket opens. */
  readonly greeting: string | null
  /** What to answer the client; `isReady` when it has subscribed. */
  answer(text: string): { readonly reply: string | null; readonly isReady: boolean }
}

/** Calls `format` for each batch: its first number and its size. */
export function* batches(
  total: number,
  size: number,
  format: (first: number, count: number) => string,
): Generator<string> {
  for (let first = 0; first < total; first += size) yield format(first, Math.min(size, total - first))
}
