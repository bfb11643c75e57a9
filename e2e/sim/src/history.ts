/** What the client of a reader's tab had stored of the channel when the reader began. */
export interface Stored {
  /** Whether the reader goes on from there, its application having loaded the messages; else from an offset of its own. */
  readonly isLoaded: boolean
  /** The client's last positions, which it states whenever it resumes. */
  readonly positions: readonly { readonly term: string; readonly seq: number }[]
  /** Messages as they arrived, up to the reader's offset. Stored again in another term the client passes over them. */
  readonly messages: readonly {
    readonly id: string
    readonly sender: string | null
    readonly term: string
    readonly seq: number
  }[]
}

/**
 * What happened in one run, as the parts themselves told it, in the order it happened. The checker knows nothing else:
 * neither the client's, the hub's nor the log's code.
 *
 * `at` is virtual time in milliseconds. `term` and `seq` are what the log answered. `body` is what a message carries
 * (unique per publish, so that a mix-up of bytes is seen). A `reader` is one subscription of an application, with its own
 * callback; a page that is reloaded subscribes again as the next reader. `sender` is the publisher's identity, null for
 * the server's own publishes.
 */
export type HistoryEvent =
  // Publishers: what the application called, and what it was told.
  | {
      kind: 'publish'
      at: number
      channel: string
      id: string
      sender: string | null
      body: string
      /** One life of a page. Where it is given, what a page publishes on a channel must be stored in that order. */
      page?: string
    }
  /** The page is gone: what it was not told, it will never be told. Its rows may be sent by another page. */
  | { kind: 'page-ended'; at: number; page: string }
  | {
      kind: 'settled'
      at: number
      channel: string
      id: string
      sender: string | null
      outcome: 'acked' | 'rejected' | 'unknown'
      /** Of an ack. */
      term?: string
      seq?: number
      code?: string
    }
  // The log: what really happened in it, told by a wrapper around its port and by the faults.
  | {
      kind: 'stored'
      at: number
      channel: string
      term: string
      seq: number
      id: string
      sender: string | null
      body: string
    }
  /** A loss marker took a seq: of `lost.term`, the messages `lost.from`…`lost.to` are gone (`from` null: unknown). */
  | {
      kind: 'marked'
      at: number
      channel: string
      term: string
      seq: number
      lost: { term: string; from: number | null; to: number | null }
    }
  /** Retention dropped everything up to and with `to`. */
  | { kind: 'trimmed'; at: number; channel: string; to: number }
  /** A fault took these entries from the log; the next entry gets `from` again, in another term. */
  | { kind: 'lost'; at: number; channel: string; term: string; from: number; to: number }
  /** A fault took everything: the log begins anew under another id. `log` is the one it had, the term of its seq 0. */
  | { kind: 'wiped'; at: number; log: string }
  // Readers: what the application's callbacks were given.
  | {
      kind: 'subscribed'
      at: number
      reader: string
      /** Readers of one tab, before and after its reloads; its store is kept. */
      tab: string
      channel: string
      /** The position that the application resumes after, as it got it from an earlier reader; null: from the earliest. */
      after: { term: string; seq: number } | null
      /** What it may have been shown before, when it resumes. */
      resumes: string | null
      stored?: Stored
    }
  | {
      kind: 'delivered'
      at: number
      reader: string
      channel: string
      id: string
      sender: string | null
      body: string
      term: string
      seq: number
      source: string
    }
  | {
      kind: 'gap'
      at: number
      reader: string
      channel: string
      reason: string
      /** Whose numbers `from` and `to` are. Left out of histories made by hand: then whichever may be meant is taken. */
      term?: string | null
      from: number | null
      to: number | null
      resumeAt: { term: string; seq: number } | null
    }
  | { kind: 'left'; at: number; reader: string }
  /** The run's end, after a long quiet tail without faults: all that can be delivered has been. */
  | { kind: 'end'; at: number }

export type History = readonly HistoryEvent[]

/** One broken promise. */
export interface Violation {
  readonly rule: string
  /** For people: who, where, what was expected, what came. */
  readonly text: string
  readonly at: number
}
