export interface Position {
  readonly term: string
  readonly seq: number
}

export interface Row extends Position {
  readonly id: string | null
  readonly sender: string | null
  readonly lost: { term: string; from: number | null; to: number } | null
}

/** The design's log of one channel: terms, claims and markers. */
export class ModelLog {
  rows: Row[] = []
  /** The term of the place before the first entry. */
  id = '0-log'
  base: Position = { term: this.id, seq: 0 }
  /** Where each term began, the trimmed ones too. */
  terms: { term: string; first: number }[] = []
  claims = new Map<string, number>()
  #termCount = 0
  #wipes = 0
  #isDirty = true

  get top(): number {
    return this.base.seq + this.rows.length
  }

  get current(): string {
    return this.terms.at(-1)?.term ?? ''
  }

  positionAt(seq: number): Position {
    if (seq === this.base.seq) return this.base
    const row = this.rows[seq - this.base.seq - 1] as Row
    return { term: row.term, seq }
  }

  endOf(term: string): number | null {
    if (term === this.id) return 0
    const index = this.terms.findIndex((known) => known.term === term)
    if (index < 0) return null
    return (this.terms[index + 1]?.first ?? this.top + 1) - 1
  }

  restart(): void {
    this.#isDirty = true
  }

  check(): void {
    if (!this.#isDirty) return
    this.#isDirty = false
    if ((this.terms.at(-1)?.first ?? 0) > this.top) this.terms.pop()
    this.#termCount += 1
    this.terms.push({ term: `${this.#termCount}-t`, first: this.top + 1 })
  }

  put(row: Omit<Row, 'term' | 'seq'>): Row {
    this.check()
    const written = { ...row, term: this.current, seq: this.top + 1 }
    this.rows.push(written)
    return written
  }

  /** The markers that these claims raise. */
  claim(claims: Iterable<[string, number]>): Row[] {
    this.check()
    const written: Row[] = []
    for (const [term, seq] of claims) {
      if (term === this.current || seq === 0) continue
      const end = this.endOf(term)
      const known = Math.max(end ?? 0, this.claims.get(term) ?? 0)
      if (seq <= known) continue
      const from = known === 0 ? null : known + 1
      written.push(this.put({ id: null, sender: null, lost: { term, from, to: seq } }))
      this.claims.set(term, seq)
    }
    return written
  }

  lose(count: number): Row[] {
    const gone = this.rows.splice(this.rows.length - count, count)
    while ((this.terms.at(-1)?.first ?? 0) > this.top) this.terms.pop()
    this.#isDirty = true
    for (const row of gone)
      if (row.lost !== null) {
        const { term } = row.lost
        const before = this.rows.filter((other) => other.lost?.term === term).at(-1)
        if (before?.lost) this.claims.set(term, before.lost.to)
        else this.claims.delete(term)
      }
    return gone
  }

  trim(count: number): void {
    const last = this.rows[count - 1]
    if (last !== undefined) this.base = { term: last.term, seq: last.seq }
    this.rows.splice(0, count)
  }

  wipe(): void {
    this.rows = []
    this.terms = []
    this.claims.clear()
    this.#wipes += 1
    this.id = `${this.#wipes}-log`
    this.base = { term: this.id, seq: 0 }
    this.#isDirty = true
  }
}
