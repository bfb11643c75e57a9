/** A link that keeps what was sent, and whose network can be stopped. */
import { decodeServerFrame, type ServerFrame } from '@holdfast/core/protocol'
import type { EncodedFrame } from '../encoded-frame.ts'
import type { Link, RequestInfo } from '../link.ts'

export const NO_REQUEST: RequestInfo = { headers: {}, url: '/', remoteAddress: '' }

export class FakeLink implements Link {
  isClear = false
  hasSeveralChannels = false
  readonly sent: EncodedFrame[] = []
  closure: { readonly code: number; readonly reason: string } | null = null
  pings = 0
  corks = 0
  /** While true, what is sent stays in the buffer. */
  isStopped = false
  bufferedBytes = 0
  /** The most that ever waited. */
  mostBuffered = 0
  #onDrain: () => void = () => undefined

  send(frame: EncodedFrame): boolean {
    if (this.closure) return true
    this.sent.push(frame)
    if (!this.isStopped) return this.bufferedBytes === 0
    this.bufferedBytes += frame.text.length
    this.mostBuffered = Math.max(this.mostBuffered, this.bufferedBytes)
    return false
  }

  onDrain(listener: () => void): void {
    this.#onDrain = listener
  }

  close(code: number, reason: string): void {
    this.closure ??= { code, reason }
  }

  ping(): void {
    this.pings++
  }

  cork(): void {
    this.corks++
  }

  uncork(): void {}

  /** The network takes all that waits. */
  drain(): void {
    this.bufferedBytes = 0
    this.#onDrain()
  }

  /** What was sent, decoded. */
  get frames(): ServerFrame[] {
    return this.sent.map(({ text }) => {
      const decoded = decodeServerFrame(text)
      if (!decoded.ok) throw new Error(`${decoded.fault}: ${text}`)
      return decoded.frame
    })
  }
}
