import type { History, HistoryEvent, Stored } from './history.ts'

type At = readonly [term: string, seq: number]

const CHANNEL = 'room'
const SENDER = 'ann'

const messagesOf = (term: string, seqs: readonly number[]): Stored['messages'] =>
  seqs.map((seq) => ({ id: `${term}/${seq}`, sender: SENDER, term, seq }))

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

  /** @param loaded the messages of its store, where it goes on from that: seqs of the term of `after` */
  subscribe(
    after: At | null,
    reader = 'r1',
    resumes: string | null = null,
    loaded?: readonly number[],
  ): this {
    const stored = loaded && { isLoaded: true, positions: [], messages: messagesOf(after?.[0] ?? '', loaded) }
    return this.#begin(after, reader, resumes, this.#tabs.get(resumes ?? '') ?? `tab of ${reader}`, stored)
  }

  /** One more reader in the tab of another; the client's `positions`, and the messages of its store: seqs of `term`. */
  join(
    after: At | null,
    reader: string,
    other: string,
    positions: readonly At[] = [],
    [term, seqs]: readonly [string, readonly number[]] = ['', []],
  ): this {
    const places = positions.map((at) => ({ term: at[0], seq: at[1] }))
    const stored = { isLoaded: false, positions: places, messages: messagesOf(term, seqs) }
    return this.#begin(after, reader, null, this.#tabs.get(other) ?? '', stored)
  }

  #begin(after: At | null, reader: string, resumes: string | null, tab: string, stored?: Stored): this {
    this.#tabs.set(reader, tab)
    const place = after === null ? null : { term: after[0], seq: after[1] }
    const more = stored ? { resumes, stored } : { resumes }
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
