import type { History, HistoryEvent } from './history.ts'

type At = readonly [term: string, seq: number]

const CHANNEL = 'room'
const SENDER = 'ann'

/** A history written by hand: one channel, each message named by where it was first stored. */
export class Script {
  readonly #events: HistoryEvent[] = []
  readonly #tabs = new Map<string, string>()
  #at = 0

  #add(event: HistoryEvent): this {
    this.#at += 1
    this.#events.push({ ...event, at: this.#at })
    return this
  }

  publish(id: string, page?: string): this {
    const more = page === undefined ? {} : { page }
    return this.#add({ kind: 'publish', at: 0, channel: CHANNEL, id, sender: SENDER, body: id, ...more })
  }

  pageEnded(page: string): this {
    return this.#add({ kind: 'page-ended', at: 0, page })
  }

  /** Publishes and stores messages, and acks them. */
  store(term: string, from: number, to: number): this {
    for (let seq = from; seq <= to; seq++) {
      const id = `${term}/${seq}`
      this.publish(id).storeAgain(term, seq, [term, seq])
      const at = { term, seq, channel: CHANNEL, id, sender: SENDER }
      this.#add({ kind: 'settled', at: 0, outcome: 'acked', ...at })
    }
    return this
  }

  storeAgain(term: string, seq: number, [firstTerm, firstSeq]: At): this {
    const id = `${firstTerm}/${firstSeq}`
    return this.#add({ kind: 'stored', at: 0, channel: CHANNEL, term, seq, id, sender: SENDER, body: id })
  }

  mark(term: string, seq: number, lost: { term: string; from: number | null; to: number }): this {
    return this.#add({ kind: 'marked', at: 0, channel: CHANNEL, term, seq, lost })
  }

  lose(term: string, from: number, to: number): this {
    return this.#add({ kind: 'lost', at: 0, channel: CHANNEL, term, from, to })
  }

  trim(to: number): this {
    return this.#add({ kind: 'trimmed', at: 0, channel: CHANNEL, to })
  }

  wipe(log = '0-old'): this {
    return this.#add({ kind: 'wiped', at: 0, log })
  }

  /** @param held the seqs of what its store holds, all of the term of `after`, where it goes on from that */
  subscribe(after: At | null, reader = 'r1', resumes: string | null = null, held?: readonly number[]): this {
    return this.#begin(after, reader, resumes, this.#tabs.get(resumes ?? '') ?? `tab of ${reader}`, held)
  }

  /** One more reader in the tab of another. */
  join(after: At | null, reader: string, other: string): this {
    return this.#begin(after, reader, null, this.#tabs.get(other) ?? '')
  }

  #begin(
    after: At | null,
    reader: string,
    resumes: string | null,
    tab: string,
    seqs?: readonly number[],
  ): this {
    this.#tabs.set(reader, tab)
    const term = after?.[0] ?? ''
    const place = after === null ? null : { term, seq: after[1] }
    const held = seqs?.map((seq) => ({ id: `${term}/${seq}`, sender: SENDER, term, seq }))
    const more = held ? { resumes, held } : { resumes }
    return this.#add({ kind: 'subscribed', at: 0, reader, tab, channel: CHANNEL, after: place, ...more })
  }

  give(term: string, from: number, to: number, reader = 'r1'): this {
    for (let seq = from; seq <= to; seq++) this.giveAgain(term, seq, [term, seq], reader)
    return this
  }

  giveAgain(term: string, seq: number, [firstTerm, firstSeq]: At, reader = 'r1'): this {
    const id = `${firstTerm}/${firstSeq}`
    const message = { id, sender: SENDER, body: id, source: 'live' }
    return this.#add({ kind: 'delivered', at: 0, reader, channel: CHANNEL, term, seq, ...message })
  }

  gap(reason: string, from: number | null, to: number | null, [term, seq]: At, reader = 'r1'): this {
    const resumeAt = { term, seq }
    return this.#add({ kind: 'gap', at: 0, reader, channel: CHANNEL, reason, from, to, resumeAt })
  }

  leave(reader: string): this {
    return this.#add({ kind: 'left', at: 0, reader })
  }

  end(): History {
    return [...this.#events, { kind: 'end', at: this.#at + 1 }]
  }
}
