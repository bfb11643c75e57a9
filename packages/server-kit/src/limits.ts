/** What one connection may ask for. */
import { HubError } from './errors.ts'

export interface Limits {
  /** Most bytes of an inbound frame. Clients resume 64 channels in one, which takes up to 64 kB. */
  readonly frameBytes: number
  /** Most bytes of one message's data and meta. */
  readonly messageBytes: number
  /** Most messages of one publish. */
  readonly batchMessages: number
  /** Most channels a client. */
  readonly channelsPerClient: number
  /** Most clients a session. */
  readonly clientsPerSession: number
  /** Most commands without an answer a session. */
  readonly commands: number
  /** Most frames a second a session, averaged over ten seconds. */
  readonly framesPerSecond: number
  /** Bytes that may wait for a slow connection before it is fed from the log instead; a message may be larger. */
  readonly bufferedBytes: number
  /** Reads for catching up that run at once in the hub. */
  readonly replays: number
}

export const DEFAULT_LIMITS: Limits = {
  frameBytes: 1_048_576,
  messageBytes: 65_536,
  batchMessages: 1_000,
  channelsPerClient: 1_000,
  clientsPerSession: 100,
  commands: 256,
  framesPerSecond: 10_000,
  bufferedBytes: 1_048_576,
  replays: 64,
}

/** A whole number of 1 or more. The welcome announces some of them, and a client takes no others. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The limits with their defaults. Throws `bad_config` where one is no positive whole number. */
export function resolveLimits(given: Partial<Limits> = {}): Limits {
  if (!isObject(given)) throw new HubError('bad_config', { message: 'limits must be an object.' })
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name))
      throw new HubError('bad_config', { message: `limits.${name} is unknown.` })
    if (!isCount(value))
      throw new HubError('bad_config', { message: `limits.${name} must be a positive whole number.` })
  }
  return { ...DEFAULT_LIMITS, ...given }
}

/** Seconds over which a rate is averaged, so that a burst after a pause is no offence. */
export const RATE_WINDOW_SECONDS = 10

/** A bucket that holds ten seconds' worth, refilled with each pulse of the hub. */
export class RateLimit {
  readonly #perPulse: number
  readonly #capacity: number
  #tokens: number
  #pulse: number

  constructor(perSecond: number, pulseMs: number, pulse: number) {
    this.#perPulse = (perSecond * pulseMs) / 1_000
    this.#capacity = perSecond * RATE_WINDOW_SECONDS
    this.#tokens = this.#capacity
    this.#pulse = pulse
  }

  /** Takes one; false where none is left. */
  take(pulse: number): boolean {
    if (pulse !== this.#pulse) {
      this.#tokens = Math.min(this.#capacity, this.#tokens + (pulse - this.#pulse) * this.#perPulse)
      this.#pulse = pulse
    }
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}
