/** A channel somebody is subscribed to: what waits for the next pass, and who gets it. */
import type { Position, WireGap } from '@holdfast/core/protocol'
import { encodeFrame } from '@holdfast/core/protocol'
import type { CatchUp } from './catch-up.ts'
import type { HubContext } from './context.ts'
import { EncodedFrame } from './encoded-frame.ts'
import { Follower } from './follower.ts'
import { endOf, type Items, messagesText, splitItems } from './frames.ts'
import type { Link } from './link.ts'
import type { LogGap, Retention } from './log/log.ts'
import type { ChannelConfig } from './options.ts'
import { outgoing } from './outgoing.ts'
import type { Subscription } from './subscription.ts'

/** Items of one frame, encoded for all. */
export interface Batch extends Items {
  readonly frame: EncodedFrame
  /** The signed position after the items; null on an ephemeral channel. */
  readonly at: string | null
  /** The position before the items; null on an ephemeral channel. */
  readonly after: Position | null
}

/** How a channel is set up: found by its name. */
export interface ChannelSetup {
  readonly name: string
  /** The log's name for it: no two (app, channel) pairs share one. */
  readonly key: string
  readonly config: ChannelConfig
  readonly params: Readonly<Record<string, string>>
  readonly isDurable: boolean
  readonly retention: Retention
}

export class Channel {
  readonly setup: ChannelSetup
  /** The name as JSON text. */
  readonly nameText: string
  /** Null on an ephemeral channel. */
  readonly follower: Follower | null
  /** Who gets each frame as it is sent. Each knows its index, so that leaving costs no search. */
  readonly live: Subscription[] = []
  /** Beside each its link, if it gets frames as they are: all that the hot loop touches. */
  readonly #links: (Link | null)[] = []
  /** Who reads the log to get there, and collects meanwhile. */
  readonly catchingUp: Set<CatchUp> = new Set()
  /** Subscriptions of any state; the channel is freed when the last one goes. */
  references = 0
  /** The position after the last frame sent. */
  flushed: Position | null = null
  readonly #context: HubContext
  #pending: string[] = []
  #pendingTerm: string | null = null
  #pendingSeq = 0
  #isDirty = false

  constructor(context: HubContext, setup: ChannelSetup) {
    this.#context = context
    this.setup = setup
    this.nameText = JSON.stringify(setup.name)
    this.follower = setup.isDurable ? new Follower(context, this) : null
  }

  /** Takes items that follow those taken before, to be sent with the next pass. */
  add({ term, seq, bodies }: Items): void {
    const follows =
      term === this.#pendingTerm && (term === null || seq === this.#pendingSeq + this.#pending.length)
    if (this.#pending.length > 0 && !follows) this.flush()
    if (this.#pending.length === 0) {
      this.#pendingTerm = term
      this.#pendingSeq = seq
    }
    for (const body of bodies) this.#pending.push(body)
    this.#context.fanOut.addItems(bodies.length)
    if (this.#isDirty) return
    this.#isDirty = true
    this.#context.fanOut.addChannel(this)
  }

  /** Tells every live subscriber of a gap, as one frame, before what follows. */
  gap(gap: LogGap): void {
    this.flush()
    this.flushed = gap.resumeAt
    const frame = new EncodedFrame(
      encodeFrame({ type: 'gap', channel: this.setup.name, gap: this.wireGap(gap) }),
    )
    for (let at = this.live.length - 1; at >= 0; at--) this.live[at]?.sendGap(frame, gap)
    for (const catchUp of this.catchingUp) catchUp.restartBuffer()
  }

  wireGap({ reason, term, from, to, resumeAt }: LogGap): WireGap {
    return { reason, term, from, to, resumeAt: this.sign(resumeAt) }
  }

  sign(position: Position): string {
    return this.#context.offsets.sign(this.setup.key, position)
  }

  /** Sends what waits. */
  flush(): void {
    this.#isDirty = false
    if (this.#pending.length === 0) return
    const pending = this.#pending
    this.#pending = []
    const items = {
      term: this.#pendingTerm,
      seq: this.#pendingSeq,
      bodies: outgoing(this.#context, this.setup, pending),
    }
    for (const part of splitItems(items)) this.#deliver(this.#encode(part))
  }

  /** Signs the position that one more message will have, while nobody waits for it. */
  prepare(): void {
    const { flushed } = this
    if (flushed) this.#context.offsets.prepare(this.setup.key, { ...flushed, seq: flushed.seq + 1 })
  }

  #encode(items: Items): Batch {
    const end = endOf(items)
    const at = end && this.sign(end)
    const frame = new EncodedFrame(messagesText(this.nameText, items, at))
    return { ...items, frame, at, after: end && this.flushed }
  }

  /** The hot loop: per subscriber one check and one write. */
  #deliver(batch: Batch): void {
    const links = this.#links
    const { frame } = batch
    const { isCorking } = this.#context.fanOut
    for (let at = links.length - 1; at >= 0; at--) {
      const link = links[at]
      if (link?.isClear && !(isCorking && link.hasSeveralChannels)) link.isClear = link.send(frame)
      // One that falls behind takes the other clients of its session with it, and the list may be shorter by now.
      else this.live[at]?.deliver(batch)
    }
    this.flushed = endOf(batch)
    if (this.catchingUp.size > 0) for (const catchUp of this.catchingUp) catchUp.offer(batch)
  }

  /** Gives a subscription its place among those live, or keeps it, and notes whether frames reach it as they are. */
  place(subscription: Subscription): void {
    if (subscription.index < 0) subscription.index = this.live.push(subscription) - 1
    this.#links[subscription.index] = subscription.isPlain ? subscription.session.link : null
  }

  leave(subscription: Subscription): void {
    const { index } = subscription
    if (index < 0) return
    subscription.index = -1
    const last = this.live.pop() as Subscription
    const link = this.#links.pop() as Link | null
    if (last === subscription) return
    this.live[index] = last
    this.#links[index] = link
    last.index = index
  }
}
