/** Reads for those who catch up: a bounded number at once, and one read for all who stand at the same place. */
import type { Channel } from './channel.ts'
import type { HubContext } from './context.ts'
import { EncodedFrame } from './encoded-frame.ts'
import { endOf, messagesText, splitItems } from './frames.ts'
import type { Claim, ReadFrom, ReadResult } from './log/log.ts'
import { outgoing } from './outgoing.ts'

const PAGE_ENTRIES = 1_000
/** Characters of a page: small against what may wait for a connection. */
const PAGE_LENGTH = 131_072
/** How long a page is handed to others who ask for the same. */
const SHARE_MS = 50

/** A page of the log, encoded once for all who get it whole. */
export class Page {
  readonly result: ReadResult
  readonly #channel: Channel
  readonly #context: HubContext
  #frames: readonly EncodedFrame[] | null = null

  constructor(context: HubContext, channel: Channel, result: ReadResult) {
    this.#context = context
    this.#channel = channel
    this.result = result
  }

  /** Characters of what it holds. */
  get length(): number {
    let length = 0
    for (const { bodies } of this.result.runs) for (const body of bodies) length += body.length
    return length
  }

  get frames(): readonly EncodedFrame[] {
    this.#frames ??= this.framesFor((bodies) => bodies, undefined)
    return this.#frames
  }

  /** The frames for one client, whose items may differ. */
  framesFor(
    personal: (bodies: readonly string[]) => readonly string[],
    client: number | undefined,
  ): EncodedFrame[] {
    const { nameText, setup } = this.#channel
    return this.result.runs.flatMap((run) => {
      const bodies = personal(outgoing(this.#context, setup, run.bodies))
      return splitItems({ ...run, bodies }).map((items) => {
        const end = endOf(items)
        const at = end && this.#channel.sign(end)
        return new EncodedFrame(messagesText(nameText, items, at, { client, isReplay: true }))
      })
    })
  }
}

export class Replays {
  readonly #context: HubContext
  readonly #pages = new Map<string, Promise<Page>>()
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(context: HubContext) {
    this.#context = context
  }

  /** A page that may be up to 50 ms old: for a first read, which is compared with what was sent since. */
  readShared(channel: Channel, at: ReadFrom, claims: readonly Claim[]): Promise<Page> {
    const key = `${channel.setup.key} ${JSON.stringify([at, claims])}`
    const known = this.#pages.get(key)
    if (known) return known
    const page = this.read(channel, at, claims)
    this.#pages.set(key, page)
    const forget = (): boolean => this.#pages.delete(key)
    page.then(() => this.#context.config.clock.after(SHARE_MS, forget), forget)
    return page
  }

  async read(channel: Channel, at: ReadFrom, claims: readonly Claim[]): Promise<Page> {
    await this.#enter()
    try {
      const request = { at, claims, limit: PAGE_ENTRIES, maxLength: PAGE_LENGTH }
      return new Page(this.#context, channel, await this.#context.log.read(channel.setup.key, request))
    } finally {
      this.#leave()
    }
  }

  #enter(): Promise<void> | undefined {
    if (this.#running < this.#context.config.limits.replays) {
      this.#running++
      return undefined
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #leave(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#running--
  }
}
