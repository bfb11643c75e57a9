import type { HistoryEvent } from '../history.ts'
import { type ChannelLog, keyOf, nameOf, type Report } from './log.ts'

type Publish = Extract<HistoryEvent, { kind: 'publish' }>
type Settled = Extract<HistoryEvent, { kind: 'settled' }>
type Stored = Extract<HistoryEvent, { kind: 'stored' }>

/** One (channel, sender, id). It is published again under the same id only by a retry. */
interface Work {
  readonly name: string
  readonly bodies: Set<string>
  readonly page: string | undefined
  readonly order: number
  open: number
  calls: number
  isStored: boolean
  isRejected: boolean
}

/** What publishers were told, against what the log has. */
export class Publishers {
  readonly #works = new Map<string, Work>()
  /** Of each page and channel the highest publish that was stored. */
  readonly #reached = new Map<string, Work>()
  readonly #ended = new Set<string>()
  #calls = 0

  publish(event: Publish): void {
    const key = JSON.stringify([event.channel, keyOf(event.sender, event.id)])
    const work = this.#works.get(key)
    this.#calls += 1
    if (work === undefined) {
      this.#works.set(key, {
        name: `channel ${event.channel}, ${event.id} of ${event.sender}`,
        bodies: new Set([event.body]),
        page: event.page,
        order: this.#calls,
        open: 1,
        calls: 1,
        isStored: false,
        isRejected: false,
      })
      return
    }
    work.bodies.add(event.body)
    work.open += 1
    work.calls += 1
    work.isRejected = false
  }

  settled(event: Settled, log: ChannelLog, report: Report): void {
    const work = this.#of(event)
    if (work === undefined || work.open === 0) {
      const name = `channel ${event.channel}, ${event.id} of ${event.sender}`
      report('settled-once', `${name}: ${event.outcome} without a publish that waits`)
      return
    }
    work.open -= 1
    if (event.outcome === 'rejected') work.isRejected = true
    if (event.outcome !== 'acked') return
    if (event.term === undefined || event.seq === undefined) {
      report('ack-position', `${work.name}: acked without a position`)
      return
    }
    const at = { term: event.term, seq: event.seq }
    const message = log.find(at)?.message
    if (message?.id !== event.id || message.sender !== event.sender)
      report(
        'ack-position',
        `${work.name}: acked at ${nameOf(at)}, where ${message?.id ?? 'nothing'} is stored`,
      )
  }

  stored(event: Stored, report: Report): void {
    const work = this.#of(event)
    const where = `channel ${event.channel}, ${nameOf(event)}`
    if (work === undefined) {
      report('log-body', `${where}: ${event.id} was never published`)
      return
    }
    if (!work.bodies.has(event.body))
      report(
        'log-body',
        `${work.name}, stored at ${nameOf(event)}: expected ${[...work.bodies]}, got ${event.body}`,
      )
    if (work.isRejected)
      report('rejected-stored', `${work.name}: stored at ${nameOf(event)} after its rejection`)
    this.#checkOrder(work, event.channel, report)
    work.isStored = true
  }

  /** Nobody hears of what a page that is gone has published; it may still be stored. */
  pageEnded(page: string): void {
    this.#ended.add(page)
  }

  end(report: Report): void {
    for (const work of this.#works.values())
      if (work.open > 0 && !this.#ended.has(work.page ?? ''))
        report('liveness', `${work.name}: published and never settled`)
  }

  /** What one page publishes on a channel is stored in the order of the calls; retries may come when they like. */
  #checkOrder(work: Work, channel: string, report: Report): void {
    if (work.page === undefined || work.isStored || work.calls > 1) return
    const key = JSON.stringify([work.page, channel])
    const reached = this.#reached.get(key)
    if (reached === undefined || reached.order < work.order) this.#reached.set(key, work)
    else report('publish-order', `${work.name}: stored after ${reached.name}, which was published later`)
  }

  #of(event: Settled | Stored): Work | undefined {
    return this.#works.get(JSON.stringify([event.channel, keyOf(event.sender, event.id)]))
  }
}
