/** Writes the history: what the log itself says, and what the applications were told. */
import type { Clock } from '@holdfast/core/ports'
import { type Item, isLostItem, isMessageItem, type Position } from '@holdfast/core/protocol'
import type { Doorbell } from '@holdfast/server-kit'
import type { MemoryLog } from '../../../packages/server-kit/src/log/memory.ts'
import type { HistoryEvent } from './history.ts'

type Untimed<E = HistoryEvent> = E extends HistoryEvent ? Omit<E, 'at'> : never

/** What of a channel's log the recorder remembers. */
interface Shadow {
  /** The term of each seq, from 1 on. */
  readonly terms: string[]
  /** Everything up to here was trimmed. */
  base: number
}

export const APP = 'default'

export class Recorder {
  readonly history: HistoryEvent[] = []
  readonly #clock: Clock
  readonly #log: MemoryLog
  readonly #start: number
  readonly #shadows = new Map<string, Shadow>()
  #isEnded = false

  constructor(clock: Clock, log: MemoryLog) {
    this.#clock = clock
    this.#start = clock.now()
    this.#log = log
    log.subscribe((bell) => this.#rang(bell))
  }

  /** Milliseconds since the run began. */
  get now(): number {
    return this.#clock.now() - this.#start
  }

  /** The run's end: nothing more is written. */
  end(): void {
    this.note({ kind: 'end' })
    this.#isEnded = true
  }

  note(event: Untimed): void {
    if (this.#isEnded) return
    this.history.push({ ...event, at: this.now } as HistoryEvent)
  }

  top(channel: string): number {
    return this.#shadow(channel).terms.length
  }

  base(channel: string): number {
    return this.#shadow(channel).base
  }

  /** The first seq of the term that the top is in; 0 where there is none. */
  termStart(channel: string): number {
    const { terms } = this.#shadow(channel)
    return terms.indexOf(terms.at(-1) ?? '') + 1
  }

  /** Looks at what the log retains: entries also grow too old while nothing is appended. */
  async look(channel: string): Promise<void> {
    const { start } = await this.#log.read(`${APP}/${channel}`, { at: { from: 'earliest' }, limit: 1 })
    const shadow = this.#shadow(channel)
    if (start.seq <= shadow.base || start.seq > shadow.terms.length) return
    shadow.base = start.seq
    this.note({ kind: 'trimmed', channel, to: start.seq })
  }

  /** Loses the last entries of a channel. Answers how many it lost. */
  loseTail(channel: string, count: number): number {
    // What is too old to be read is gone, not lost.
    void this.#log.sweep()
    this.look(channel)
    const lost = this.#log.loseTail(count, `${APP}/${channel}`)
    const { terms } = this.#shadow(channel)
    const top = terms.length - lost
    const gone = terms.splice(top)
    // From the end on, one event a term.
    for (let left = gone.length; left > 0; ) {
      const term = gone[left - 1] as string
      const to = top + left
      while (left > 0 && gone[left - 1] === term) left--
      this.note({ kind: 'lost', channel, term, from: top + left + 1, to })
    }
    return lost
  }

  /** Loses everything. */
  wipe(): void {
    const log = this.#log.id
    this.#log.restart({ clean: false })
    this.#shadows.clear()
    this.note({ kind: 'wiped', log })
  }

  #rang({ channel: key, first, bodies }: Doorbell): void {
    const channel = key.slice(APP.length + 1)
    const { terms } = this.#shadow(channel)
    for (const [at, text] of bodies.entries()) {
      const position: Position = { term: first.term, seq: first.seq + at }
      terms[position.seq - 1] = first.term
      const item = JSON.parse(text) as Item
      if (isLostItem(item)) this.note({ kind: 'marked', channel, ...position, lost: { ...item.lost } })
      else if (isMessageItem(item)) {
        const { id, sender = null, data } = item
        this.note({ kind: 'stored', channel, ...position, id, sender, body: data as string })
      }
    }
    this.look(channel)
  }

  #shadow(channel: string): Shadow {
    let shadow = this.#shadows.get(channel)
    if (!shadow) {
      shadow = { terms: [], base: 0 }
      this.#shadows.set(channel, shadow)
    }
    return shadow
  }
}
