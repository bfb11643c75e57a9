import type { History, HistoryEvent, Violation } from './history.ts'
import { Logs, type Report } from './rules/log.ts'
import { Publishers } from './rules/publishers.ts'
import { Readers } from './rules/readers.ts'

/**
 * What is broken in a history, in its order; nothing for a right one. It goes through the events once and keeps a model of
 * each log, with all of its lineages, and of what each publisher and reader knows. It was written from the design alone.
 */
export function check(history: History): Violation[] {
  const violations: Violation[] = []
  const checker = new Checker()
  for (const [index, event] of history.entries())
    checker.take(event, index, (rule, text) => violations.push({ rule, text, at: event.at }))
  const last = history.at(-1)
  if (last?.kind !== 'end')
    violations.push({ rule: 'history', text: 'the history has no end', at: last?.at ?? 0 })
  return violations
}

class Checker {
  readonly #logs = new Logs()
  readonly #publishers = new Publishers()
  readonly #readers = new Readers(this.#logs)

  take(event: HistoryEvent, index: number, report: Report): void {
    switch (event.kind) {
      case 'publish':
        this.#publishers.publish(event)
        break
      case 'settled':
        this.#publishers.settled(event, this.#logs.of(event.channel), report)
        break
      case 'page-ended':
        this.#publishers.pageEnded(event.page)
        break
      case 'stored':
        this.#publishers.stored(event, report)
        this.#logs.of(event.channel).store(event, index, report)
        break
      case 'marked':
        this.#logs.of(event.channel).store(event, index, report)
        break
      case 'trimmed':
        this.#logs.of(event.channel).trim(event.to, report)
        break
      case 'lost':
        this.#readers.lost(this.#logs.of(event.channel).lose(event.from, event.to, index, report))
        break
      case 'wiped':
        this.#readers.wiped(this.#logs.wipe(event.log, index))
        break
      case 'subscribed':
        this.#readers.subscribed(event, index, report)
        break
      case 'delivered':
        if (event.source !== 'optimistic') this.#readers.delivered(event, index, report)
        break
      case 'gap':
        this.#readers.gap(event, index, report)
        break
      case 'left':
        this.#readers.left(event, report)
        break
      case 'end':
        this.#publishers.end(report)
        this.#readers.end(report)
    }
  }
}
