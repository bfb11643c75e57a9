/** Offsets as the hub hands them out: signed, so that what comes back can be trusted as a claim. */
import { hash, timingSafeEqual } from 'node:crypto'
import { formatOffset, type Position, parseOffset } from '@holdfast/core/protocol'
import { HubError } from './errors.ts'
import type { Claim } from './log/log.ts'

const MAC_LENGTH = 16
/** Channels whose next token is kept. */
const MAX_AHEAD = 1_000

interface Signed {
  /** What the MAC is made over. */
  readonly text: string
  readonly token: string
}

/** A position that somebody presented, and whether this log's hub had signed it. */
export interface PresentedPosition extends Position {
  readonly isAuthentic: boolean
}

export class Offsets {
  readonly #key: string
  #last: Signed = { text: '', token: '' }
  /** Made before they were asked for, by channel. */
  readonly #ahead = new Map<string, Signed>()

  /** @param secret the log's secret */
  constructor(secret: Uint8Array) {
    // As hexadecimal digits 32 bytes fill one block of SHA-256, as in HMAC.
    this.#key = Buffer.from(secret).toString('hex').padEnd(64, '0')
  }

  /** The signed token of a position in the channel stored under `key`. */
  sign(key: string, position: Position): string {
    const offset = formatOffset(position)
    const text = `${offset} ${key}`
    // The frame and the ack of one message carry the same token.
    if (text !== this.#last.text) {
      const ahead = this.#ahead.get(key)
      this.#last = ahead?.text === text ? ahead : this.#signed(offset, text)
    }
    return this.#last.token
  }

  /** Makes a token that will most likely be the channel's next, while nobody waits for it. */
  prepare(key: string, position: Position): void {
    if (this.#ahead.size >= MAX_AHEAD) this.#ahead.clear()
    const offset = formatOffset(position)
    this.#ahead.set(key, this.#signed(offset, `${offset} ${key}`))
  }

  /** How many tokens were made before they were asked for. */
  get prepared(): number {
    return this.#ahead.size
  }

  /** What a token says. Throws `bad_cursor` where it is no token; a wrong MAC only makes it less than authentic. */
  present(key: string, token: string): PresentedPosition {
    const parsed = parseOffset(token)
    if (!parsed) throw new HubError('bad_cursor')
    const { term, seq, mac } = parsed
    const isAuthentic =
      mac !== null &&
      timingSafeEqual(Buffer.from(mac), Buffer.from(this.#mac(`${formatOffset(parsed)} ${key}`)))
    return { term, seq, isAuthentic }
  }

  #signed(offset: string, text: string): Signed {
    return { text, token: `${offset}.${this.#mac(text)}` }
  }

  /**
   * SHA-256 over key and text, cut to 96 bits. The cut is what makes the plain prefix a sound MAC: extending a
   * message needs the whole digest. One call, where node's HMAC costs twenty times as much, and this runs per frame.
   */
  #mac(text: string): string {
    return hash('sha256', this.#key + text, 'base64url').slice(0, MAC_LENGTH)
  }
}

/** The positions that may claim. */
export function claimsOf(positions: readonly PresentedPosition[]): Claim[] {
  return positions.filter(({ isAuthentic }) => isAuthentic).map(({ term, seq }) => ({ term, seq }))
}
