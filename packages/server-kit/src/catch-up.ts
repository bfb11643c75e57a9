/**
 * Brings a subscription from where it stands to live delivery: it collects what is sent meanwhile, reads the log, and
 * joins where the two meet. What waits is bounded: a buffer that overflows is dropped, and reading goes on.
 */
import { type Position, samePosition, type WireGap } from '@holdfast/core/protocol'
import type { Batch } from './channel.ts'
import type { HubContext } from './context.ts'
import { HubError } from './errors.ts'
import { Known } from './known.ts'
import type { ReadFrom } from './log/log.ts'
import { untold } from './log/read-rule.ts'
import type { PresentedPosition } from './offsets.ts'
import type { Page } from './replays.ts'
import type { Subscription } from './subscription.ts'

/** Characters of frames that wait for the log to be read. They are shared with the other subscribers. */
const BUFFER_LENGTH = 262_144

/** Characters of a first page that is kept until it is sent: one command may subscribe to many channels. */
const KEPT_LENGTH = 16_384

/** Where a subscription begins. */
export type Beginning =
  | { readonly type: 'now' }
  | { readonly type: 'read'; readonly at: ReadFrom }
  | { readonly type: 'resume'; readonly positions: readonly PresentedPosition[] }

/** What the answer to a subscribe says. */
export interface Begun {
  readonly position: string
  readonly recovered: boolean
  readonly gap: WireGap | null
}

export class CatchUp {
  readonly #context: HubContext
  readonly #subscription: Subscription
  /** What this subscription is known to have held: its claims. */
  readonly #known = new Known()
  #position: Position = { term: '', seq: 0 }
  /** The first page, read before the answer. */
  #page: Page | null = null
  /** It was read, and is read again when it can be sent. */
  #isPutOff = false
  /** Frames sent since `#bufferFrom`; null while nothing is collected. */
  #buffer: Batch[] | null = null
  #bufferLength = 0
  #bufferFrom: Position | null = null
  #isEnded = false

  constructor(context: HubContext, subscription: Subscription) {
    this.#context = context
    this.#subscription = subscription
  }

  /** Takes the position; `feed` is to follow the answer. */
  async begin(beginning: Beginning): Promise<Begun> {
    const { channel } = this.#subscription
    const { follower } = channel
    if (!follower) throw new HubError('not_durable')
    await follower.start()
    if (this.#isEnded)
      throw new HubError('not_subscribed', { message: 'It was unsubscribed again meanwhile.' })
    this.#collect()
    if (beginning.type === 'now') {
      this.#position = channel.flushed as Position
      return { position: channel.sign(this.#position), recovered: true, gap: null }
    }
    if (beginning.type === 'resume' && beginning.positions.length === 0) {
      this.#position = channel.flushed as Position
      const position = channel.sign(this.#position)
      const gap: WireGap = { reason: 'reset', term: null, from: null, to: null, resumeAt: position }
      return { position, recovered: false, gap }
    }
    if (beginning.type === 'resume') {
      for (const position of [...beginning.positions].reverse())
        if (position.isAuthentic) this.#known.note(position)
    }
    const at =
      beginning.type === 'read'
        ? beginning.at
        : { positions: beginning.positions.map(({ term, seq }) => ({ term, seq })) }
    this.#page = await this.#context.replays.readShared(channel, at, this.#known.claims)
    if (this.#isEnded)
      throw new HubError('not_subscribed', { message: 'It was unsubscribed again meanwhile.' })
    const { gaps, start } = this.#page.result
    const [gap] = gaps
    if (!gap && this.#page.length > KEPT_LENGTH) {
      this.#page = null
      this.#position = start
      this.#isPutOff = true
    }
    return {
      position: channel.sign(gap?.resumeAt ?? start),
      recovered: gap === undefined,
      gap: gap ? channel.wireGap(gap) : null,
    }
  }

  /** Goes on from a position that this session was delivered to. */
  resume(position: Position): void {
    this.#position = position
    this.#known.note(position)
    this.feed()
  }

  /** Sends what is missing, then joins. */
  feed(): void {
    this.#feed().catch((error: unknown) => {
      if (this.#isEnded) return
      this.#context.events.fail('catch-up', error)
      this.#subscription.session.fail('log_unavailable', 4504)
    })
  }

  end(): void {
    this.#isEnded = true
    this.#subscription.channel.catchingUp.delete(this)
    this.#buffer = null
  }

  /** A frame was sent to the live subscribers. */
  offer(batch: Batch): void {
    if (!this.#buffer || this.#context.config.mutants.has('no-buffer')) return
    this.#bufferLength += batch.frame.text.length
    if (this.#bufferLength > BUFFER_LENGTH) this.#buffer = null
    else this.#buffer.push(batch)
  }

  /** The live subscribers were told of a gap. Here the log decides what it means; only what follows can be joined. */
  restartBuffer(): void {
    if (this.#buffer) this.#collect()
  }

  async #feed(): Promise<void> {
    const { session, channel } = this.#subscription
    let page = this.#page
    let isAtTop = page === null && !this.#isPutOff
    /** The answer told the first gap, where there was one: who has fallen behind was told nothing yet. */
    let toldGaps = page === null ? 0 : 1
    this.#page = null
    for (;;) {
      await session.room()
      if (this.#isEnded) return
      if (page) {
        if (!(await this.#send(page, toldGaps))) return
        isAtTop = samePosition(page.result.end, page.result.top)
        toldGaps = 0
      }
      if (this.#join()) return
      if (isAtTop) {
        // At the top and yet not where the followed channel is: one of the two has not seen the other's history.
        await channel.follower?.check()
        if (this.#isEnded) return
        channel.flush()
        if (this.#join()) return
      }
      const at = { positions: this.#known.positionsFrom(this.#position) }
      const { replays } = this.#context
      page = isAtTop
        ? await replays.read(channel, at, this.#known.claims)
        : await replays.readShared(channel, at, this.#known.claims)
      if (this.#isEnded) return
    }
  }

  /** Sends a page, as the connection has room; false where the subscription ended over it. */
  async #send(page: Page, toldGaps: number): Promise<boolean> {
    const subscription = this.#subscription
    const { session, channel } = subscription
    const { gaps, start } = page.result
    for (const gap of gaps.slice(toldGaps)) subscription.sendOwnGap(channel.wireGap(gap))
    // The newest terms are gone altogether: the log goes on from an older one, and tells of the loss further on.
    if (gaps.length === 0 && toldGaps === 0 && !samePosition(start, this.#position))
      subscription.sendOwnGap(channel.wireGap(untold('reset', start)))
    const client = session.numberFor(subscription.client)
    const frames =
      client === undefined && !subscription.isPersonal
        ? page.frames
        : page.framesFor((bodies) => subscription.personal(bodies), client)
    for (const frame of frames) {
      // Others of the session wait too: whoever is the first to go on may have taken the room.
      for (let room = session.room(); room; room = session.room()) await room
      if (this.#isEnded) return false
      session.queue(frame)
    }
    this.#position = page.result.end
    for (const { term, seq, bodies } of page.result.runs)
      this.#known.note({ term, seq: seq + bodies.length - 1 })
    return true
  }

  /** Begins to collect frames, from the position that the channel's frames have reached. */
  #collect(): void {
    const { channel } = this.#subscription
    // A gap restarts it from within the channel's own pass, when nothing waits.
    channel.flush()
    this.#bufferFrom = channel.flushed
    this.#buffer = []
    this.#bufferLength = 0
    if (!this.#context.config.mutants.has('replay-before-subscribe')) channel.catchingUp.add(this)
  }

  /** Goes live if what was read reaches what was collected. */
  #join(): boolean {
    const subscription = this.#subscription
    if (!this.#buffer) this.#collect()
    const buffer = this.#buffer ?? []
    const from = this.#firstMissing(buffer)
    if (from < 0) return false
    subscription.channel.catchingUp.delete(this)
    const { term, seq } = this.#position
    for (const batch of buffer.slice(from)) {
      const isCovered = batch.term === term && batch.seq + batch.bodies.length - 1 <= seq
      if (!isCovered) subscription.send(batch)
    }
    subscription.goLive()
    return true
  }

  /** The first collected frame that may hold what is missing; -1 where it cannot go live yet. */
  #firstMissing(buffer: readonly Batch[]): number {
    if (this.#context.config.mutants.has('replay-before-subscribe')) return buffer.length
    const { term, seq } = this.#position
    const { flushed } = this.#subscription.channel
    // Ahead of the followed channel, which may yet be told of a gap that is none here.
    if (flushed && flushed.term === term && flushed.seq < seq) return -1
    const from = this.#bufferFrom
    if (from && from.term === term && from.seq <= seq) return 0
    return buffer.findIndex((batch) => batch.term === term && batch.seq - 1 <= seq)
  }
}
