/** One attempt at a time: the command, what its ack teaches, and what its failure says of where the messages are. */
import type { Connection } from '../connection/connection.ts'
import type { HoldfastError } from '../errors.ts'
import type { Clock } from '../ports/index.ts'
import { type OkFrame, RESUME_TERMS } from '../protocol/index.ts'
import { asHoldfastError } from './attempt.ts'
import { commandOf, type Entry } from './entry.ts'
import type { PublishFailure } from './publish.ts'

export interface Sender {
  /** Sends the entry. A failure that says that nothing was stored leaves it as if this had not been tried. */
  send(entry: Entry): Promise<OkFrame>
  /** What was acknowledged to one identity must not be told by another. */
  forget(): void
}

/** What the acks on a channel have said, by which a log that lost what it acknowledged can notice that. */
interface Acked {
  /** The highest signed offset of each term, that of the last ack at the end. */
  readonly offsets: Map<string, string>
  /** The session of the last ack. The offsets of those before were claimed by then. */
  readonly session: number | undefined
}

type Outcome = PublishFailure['outcome']

/**
 * After these a server may have stored the messages; after any other this attempt has stored nothing. A session that was
 * closed over a bad frame does not say whose it was.
 */
const UNKNOWN: readonly HoldfastError['code'][] = [
  'network',
  'timeout',
  'idempotency_expired',
  'bad_frame',
  'frame_too_large',
]

export function createSender(
  connection: Pick<Connection, 'request' | 'session$'>,
  clock: Pick<Clock, 'now'>,
): Sender {
  /** By channel. */
  let acks = new Map<string, Acked>()

  return {
    async send(entry) {
      const { channel, firstAttemptAt } = entry
      const known = acks
      const acked = known.get(channel)
      const session = connection.session$.value?.generation
      const claims = acked && acked.session !== session ? [...acked.offsets.values()] : []
      try {
        const answer = await connection.request(commandOf(entry, clock.now(), claims))
        const { term, at } = answer
        if (term && at)
          known.set(channel, { offsets: withOffset(known.get(channel)?.offsets, term, at), session })
        return answer
      } catch (reason) {
        const error = asHoldfastError(reason)
        if (!UNKNOWN.includes(error.code)) entry.firstAttemptAt = firstAttemptAt
        throw error
      }
    },
    forget() {
      acks = new Map()
    },
  }
}

function withOffset(offsets: Map<string, string> = new Map(), term: string, at: string): Acked['offsets'] {
  // Offsets of one term sort as text. The ack of a resend may name one below others.
  const held = offsets.get(term) ?? at
  offsets.delete(term)
  offsets.set(term, held > at ? held : at)
  for (const [oldest] of offsets) if (offsets.size > RESUME_TERMS) offsets.delete(oldest)
  return offsets
}

/** Whether a server may have what was not answered. */
export function fateOf({ firstAttemptAt }: Entry): Outcome {
  return firstAttemptAt === null ? 'rejected' : 'unknown'
}

/** The same after an attempt that failed with `error`. What a server refuses for good it has not stored before. */
export function failedFateOf(entry: Entry, { code, retryWhen }: HoldfastError): Outcome {
  return retryWhen === 'never' && !UNKNOWN.includes(code) ? 'rejected' : fateOf(entry)
}
