/** One client's subscription to one channel. */
import { encodeFrame, type Position, type WireGap } from '@holdfast/core/protocol'
import { CatchUp } from './catch-up.ts'
import type { Batch, Channel } from './channel.ts'
import type { HubContext } from './context.ts'
import { EncodedFrame } from './encoded-frame.ts'
import { messagesText } from './frames.ts'
import type { LogGap } from './log/log.ts'
import { outgoingFor } from './outgoing.ts'
import type { Session } from './session.ts'

export const NOT_KEPT: WireGap = { reason: 'not-kept', term: null, from: null, to: null, resumeAt: null }

export class Subscription {
  readonly session: Session
  readonly client: number
  readonly channel: Channel
  /** Its place among the channel's live subscriptions; -1 where it has none. */
  index = -1
  /** Whether it is live and gets the channel's frames as they are; else each is made for it. The session decides. */
  isPlain = false
  isLive = false
  isEnded = false
  /** Whether the hub's listeners were told of it, and so are to be told of its end. */
  isTold = false
  /** An ephemeral channel's frames were dropped, and the client does not know yet. */
  isMissing = false
  /** Reads the log until it may go live; null on an ephemeral channel. */
  catchUp: CatchUp | null = null
  readonly #context: HubContext

  constructor(context: HubContext, session: Session, client: number, channel: Channel) {
    this.#context = context
    this.session = session
    this.client = client
    this.channel = channel
  }

  get isPersonal(): boolean {
    return this.channel.setup.config.onMessageFor !== undefined
  }

  goLive(): void {
    this.catchUp = null
    this.isLive = true
    this.session.arrange(this.channel)
  }

  end(): void {
    if (this.isEnded) return
    this.isEnded = true
    this.isLive = false
    this.catchUp?.end()
    this.catchUp = null
    this.channel.leave(this)
  }

  /** Delivers a frame where more is to be done than handing it to a clear link. */
  deliver(batch: Batch): void {
    const { session, channel } = this
    const { fanOut } = this.#context
    if (session.isOverCap()) this.#fallBehind(batch)
    else if (this.isPlain) {
      if (fanOut.isCorking && session.link.hasSeveralChannels) fanOut.cork(session)
      session.send(batch.frame)
    } else {
      if (this.isMissing) {
        this.isMissing = false
        this.sendOwnGap(NOT_KEPT)
        session.arrange(channel)
      }
      this.send(batch)
    }
  }

  /** The connection takes too little: from here on the log feeds it, at its own pace. */
  #fallBehind(batch: Batch): void {
    // One frame may have served all of the session's clients; each goes its own way now.
    for (const subscription of this.isPlain ? this.session.liveOn(this.channel) : [this]) {
      if (batch.after) subscription.readFrom(batch.after)
      else subscription.isMissing = true
    }
    this.session.arrange(this.channel)
  }

  /** Leaves live delivery and reads on from a position. */
  readFrom(position: Position): void {
    this.isLive = false
    this.isPlain = false
    this.channel.leave(this)
    this.catchUp = new CatchUp(this.#context, this)
    this.catchUp.resume(position)
  }

  /** Sends a frame's items to this subscriber alone, as it may see them. */
  send(batch: Batch): void {
    const { session, channel } = this
    const client = session.numberFor(this.client)
    if (!this.isPersonal && client === undefined) {
      session.queue(batch.frame)
      return
    }
    const bodies = this.personal(batch.bodies)
    session.queue(
      new EncodedFrame(messagesText(channel.nameText, { ...batch, bodies }, batch.at, { client })),
    )
  }

  /** Tells a gap of the channel; `frame` is the one that all get. */
  sendGap(frame: EncodedFrame, gap: LogGap): void {
    const client = this.session.numberFor(this.client)
    if (this.isPlain || client === undefined) this.session.queue(frame)
    else this.sendOwnGap(this.channel.wireGap(gap))
  }

  sendOwnGap(gap: WireGap): void {
    const client = this.session.numberFor(this.client)
    const number = client === undefined ? {} : { client }
    this.session.queue(
      new EncodedFrame(encodeFrame({ type: 'gap', channel: this.channel.setup.name, ...number, gap })),
    )
  }

  /** What this subscriber may see of items. */
  personal(bodies: readonly string[]): readonly string[] {
    const { name, params } = this.channel.setup
    const { identity } = this.session
    if (!this.isPersonal || !identity) return bodies
    return outgoingFor(this.#context, this.channel.setup, bodies, { channel: name, params, identity })
  }
}
