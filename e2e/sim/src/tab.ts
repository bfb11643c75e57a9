/** A browser tab with an application: it reads channels, publishes, is reloaded, crashes and sleeps. */
import {
  type CachedChannel,
  type Client,
  type ClientOptions,
  createClient,
  type Gap,
  type Message,
  memoryStore,
  type PublishError,
  type Store,
  type Unsubscribe,
} from '@holdfast/core'
import type { Clock } from '@holdfast/core/ports'
import { type Position, parseOffset } from '@holdfast/core/protocol'
import { createFakeActivity, type FakeActivity } from '@holdfast/core/testing'
import type { Chance } from './chance.ts'
import type { Disk } from './disk.ts'
import type { Stored } from './history.ts'
import { Life } from './life.ts'
import type { Network } from './network.ts'
import type { TabSettings } from './plan.ts'
import type { Recorder } from './recorder.ts'

export interface TabContext {
  readonly clock: Clock
  readonly chance: Chance
  readonly network: Network
  readonly recorder: Recorder
  readonly disk: Disk
  readonly settings: TabSettings
  readonly channels: readonly string[]
  readonly mutants: NonNullable<ClientOptions['mutants']>
}

export interface Reader {
  readonly id: string
  readonly channel: string
  /** Where it stands, as a careful application keeps it. */
  offset: string | null
  /** A gap has moved it since the last message: the offset does not say any more which messages it was given. */
  isMoved: boolean
  hasSeen: boolean
  readonly end: Unsubscribe
}

interface Beginning {
  readonly channel: string
  /** Null: from the earliest. */
  readonly offset: string | null
  readonly resumes: string | null
  /** Whether the store says where to begin. */
  readonly isByStore: boolean
}

/** A page of the tab, from its load to its end. */
export interface Page {
  readonly name: string
  readonly life: Life
  readonly client: Client
  readonly activity: FakeActivity
  readonly flush: () => void
  /** What the client has stored of a channel. */
  readonly stored: (channel: string) => CachedChannel | null
  readonly readers: Set<Reader>
  /** Channels that were read on it. */
  readonly seen: Set<string>
}

export class Tab {
  readonly name: string
  isOffline = false
  readonly #context: TabContext
  #page: Page | null = null
  /** The last reader of each channel, which the next page's reader resumes. */
  readonly #left = new Map<string, Reader>()
  #readers = 0
  #pages = 0

  constructor(context: TabContext) {
    this.#context = context
    this.name = context.settings.name
  }

  get page(): Page | null {
    return this.#page
  }

  get disk(): Disk {
    return this.#context.disk
  }

  /** Publishes of the page that are not settled. */
  get waitingRows(): number {
    return this.#page?.client.outbox$.value.length ?? 0
  }

  /** What its client is about, in a word. */
  get phase(): 'closed' | 'asleep' | 'connecting' | 'subscribing' | 'publishing' | 'live' {
    const page = this.#page
    if (!page) return 'closed'
    if (page.life.isAsleep) return 'asleep'
    if (!page.client.isConnected) return 'connecting'
    const states = this.#context.channels.map((name) => page.client.channel(name).status$.value.status)
    if (states.includes('subscribing')) return 'subscribing'
    return this.waitingRows > 0 ? 'publishing' : 'live'
  }

  /** Whether a reader was shown anything. */
  get hasSeen(): boolean {
    return [...(this.#page?.readers ?? [])].some((reader) => reader.hasSeen)
  }

  /** Loads the page: its application connects and resumes what it read. */
  load(): void {
    const { clock, network, disk, chance, settings, channels, mutants } = this.#context
    const life = new Life(clock)
    const { store: lasting, locks, flush } = disk.page(life, chance)
    const memory = watchedMemory()
    const isLasting = settings.resume !== 'memory'
    const activity = createFakeActivity()
    const client = createClient({
      transports: [network.transport(life, () => this.isOffline)],
      auth: async () => ({ token: settings.user }),
      store: isLasting ? lasting : memory.store,
      outbox: settings.persists && isLasting ? { persist: true } : {},
      ...(settings.isIdentityKnown ? { identity: settings.user } : {}),
      away: false,
      clock: life,
      random: chance.random,
      activity,
      locks,
      lingerMs: settings.lingerMs,
      mutants,
    })
    const name = `${this.name} page ${++this.#pages}`
    const stored = (channel: string): CachedChannel | null =>
      isLasting ? disk.find(channel) : (memory.content.get(channel) ?? null)
    this.#page = { name, life, client, activity, flush, stored, readers: new Set(), seen: new Set() }
    client.connect()
    for (const channel of channels) this.read(channel, this.#left.get(channel) ?? null)
  }

  /** Ends the page at once: nothing of it runs any more. `isTold`: its machine is still there to close the socket. */
  crash(isTold: boolean): void {
    const page = this.#page
    if (!page) return
    this.#page = null
    page.life.end()
    page.flush()
    for (const connection of this.#context.network.of(page.life)) connection.pageGone(isTold)
    for (const reader of page.readers) this.#keep(reader)
    this.#context.recorder.note({ kind: 'page-ended', page: page.name })
  }

  /** Ends the page as an application does that cleans up. */
  close(): void {
    const page = this.#page
    if (!page) return
    for (const reader of [...page.readers]) this.leave(reader)
    void page.client.close()
    // What the client still writes gets its time, and then its page is gone.
    this.#page = null
    this.#context.clock.after(50, () => {
      page.life.end()
      this.#context.recorder.note({ kind: 'page-ended', page: page.name })
    })
  }

  /** Begins to read a channel: from where `earlier` stood, or from the earliest. */
  read(channel: string, earlier: Reader | null): void {
    const { settings, disk } = this.#context
    const page = this.#page
    if (!page) return
    const stored = disk.find(channel)?.record.positions[0]?.split('.')[0] ?? null
    // Where the page itself holds the channel already, the store's position is not where a new reader would begin.
    const usesStore = settings.resume === 'store' && stored !== null && !page.seen.has(channel)
    const offset = usesStore ? stored : (earlier?.offset ?? null)
    // An offset says "everything after it", be it stored again in another term. That it was shown once already is known
    // where the page begins with a store that nobody else writes to.
    const isStored = settings.resume !== 'memory' && !settings.isShared && !page.seen.has(channel)
    const isKnown = isStored && (usesStore || earlier?.isMoved === false)
    const resumes = offset !== null && isKnown ? (earlier?.id ?? null) : null
    this.#subscribe(page, { channel, offset, resumes, isByStore: usesStore })
  }

  /** One more reader beside those there are, after an offset or from the earliest. */
  join(channel: string, offset: string | null): void {
    if (this.#page) this.#subscribe(this.#page, { channel, offset, resumes: null, isByStore: false })
  }

  #subscribe(page: Page, { channel, offset, resumes, isByStore }: Beginning): void {
    const { recorder } = this.#context
    const id = `${this.name}-${++this.#readers}`
    page.seen.add(channel)
    const after = offset === null ? null : positionOf(offset)
    const content = after && page.stored(channel)
    const stored = content ? { stored: storedOf(content, isByStore ? null : after) } : {}
    recorder.note({ kind: 'subscribed', reader: id, tab: this.name, channel, after, resumes, ...stored })
    const reader: Reader = {
      id,
      channel,
      offset,
      isMoved: false,
      hasSeen: false,
      end: page.client.channel(channel).subscribe(
        {
          ...(isByStore ? {} : { from: offset ?? 'earliest' }),
          onGap: (gap) => this.#told(reader, gap),
        },
        (message) => this.#shown(reader, message),
      ),
    }
    page.readers.add(reader)
  }

  readersOf(channel: string): Reader[] {
    return [...(this.#page?.readers ?? [])].filter((reader) => reader.channel === channel)
  }

  leave(reader: Reader): void {
    if (!this.#page?.readers.delete(reader)) return
    reader.end()
    this.#keep(reader)
  }

  publish(channel: string, id: string, body: string): void {
    const page = this.#page
    if (!page) return
    const { recorder, settings } = this.#context
    const sender = settings.user
    recorder.note({ kind: 'publish', channel, id, sender, body, page: page.name })
    page.client
      .channel(channel)
      .publish('message', body, { id })
      .then(
        ({ offset }) => {
          const position = offset === null ? {} : positionOf(offset)
          recorder.note({ kind: 'settled', channel, id, sender, outcome: 'acked', ...position })
        },
        ({ outcome, code }: PublishError) =>
          recorder.note({ kind: 'settled', channel, id, sender, outcome, code }),
      )
  }

  #keep(reader: Reader): void {
    this.#context.recorder.note({ kind: 'left', reader: reader.id })
    this.#left.set(reader.channel, reader)
  }

  #shown(reader: Reader, { id, offset, sender, data, source }: Message): void {
    reader.offset = offset
    reader.isMoved = false
    reader.hasSeen = true
    const { channel } = reader
    const position = positionOf(offset ?? '')
    const body = data as string
    this.#context.recorder.note({
      kind: 'delivered',
      reader: reader.id,
      channel,
      id,
      sender,
      body,
      ...position,
      source,
    })
  }

  #told(reader: Reader, { reason, term, from, to, resumeAt }: Gap): void {
    if (resumeAt !== null) {
      reader.offset = resumeAt
      reader.isMoved = true
    }
    this.#context.recorder.note({
      kind: 'gap',
      reader: reader.id,
      channel: reader.channel,
      reason,
      term,
      from,
      to,
      resumeAt: resumeAt === null ? null : positionOf(resumeAt),
    })
  }
}

/** The store of a client that was given none, and what is in it. */
function watchedMemory(): { store: Store; content: ReadonlyMap<string, CachedChannel> } {
  const memory = memoryStore()
  const content = new Map<string, CachedChannel>()
  const store: Store = {
    ...memory,
    commit(channel, record, messages) {
      content.set(channel, { record, messages: [...(content.get(channel)?.messages ?? []), ...messages] })
      return memory.commit(channel, record, messages)
    },
  }
  return { store, content }
}

/** What a client has stored. `after`: where a reader begins that does not go on from it. */
function storedOf({ record, messages }: CachedChannel, after: Position | null): Stored {
  const all = messages.map(({ item, offset }) => {
    const { id, sender = null } = item
    return { id, sender, ...positionOf(offset ?? '') }
  })
  const positions = record.positions.map(positionOf)
  if (after === null) return { isLoaded: true, positions, messages: all }
  const last = all.findLastIndex(({ term, seq }) => term === after.term && seq <= after.seq)
  return { isLoaded: false, positions, messages: all.slice(0, last + 1) }
}

function positionOf(offset: string): Position {
  const position = parseOffset(offset)
  if (!position) throw new Error(`no offset: ${offset}`)
  return { term: position.term, seq: position.seq }
}
