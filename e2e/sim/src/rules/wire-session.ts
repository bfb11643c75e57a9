import type { Report } from './log.ts'
import {
  bytesOf,
  type Fields,
  faultOf,
  fieldsOf,
  isSeq,
  listOf,
  type Place,
  placeOf,
  plainOf,
  seqsOf,
} from './wire-frame.ts'

const FRAME_BYTES = 65_536

const nameOf = (place: Place | null): string =>
  place === null ? 'no position' : `(${place.term}, ${place.seq})`

/** One subscription of one client, from the answer that began it on. */
interface Subscription {
  /** After which it continues; null on an ephemeral channel. */
  place: Place | null
  /** A frame of a newer term did not join: the client will subscribe again. */
  isBroken: boolean
}

/** Follows one session. */
export class Session {
  readonly #open = new Map<number, Fields>()
  readonly #used = new Set<number>()
  readonly #subscriptions = new Map<string, Subscription>()
  /** The one token of each position, of all sessions. */
  readonly #tokens: Map<string, string>
  #hasBegun = false
  #isWelcome = false
  #hasFailed = false
  #hasEnded = false

  constructor(tokens: Map<string, string>) {
    this.#tokens = tokens
  }

  command(frame: unknown, report: Report): void {
    const command = fieldsOf(frame)
    const { id, type } = command
    const name = `command ${type} ${id}`
    if (this.#hasEnded) report('wire-ended', `${name} after the session's end`)
    if (!this.#hasBegun && (type !== 'auth' || (command.client ?? 0) !== 0))
      report('wire-auth', `expected auth of client 0 first, got ${name}`)
    else if (this.#hasBegun && !this.#isWelcome) report('wire-auth', `${name} before the welcome`)
    this.#hasBegun = true
    if (!isSeq(id)) {
      report('wire-command', `${name} without an id`)
      return
    }
    if (this.#used.has(id)) report('wire-command', `${name}: the id was used before`)
    this.#used.add(id)
    this.#open.set(id, command)
  }

  frame(value: unknown, report: Report): void {
    const frame = fieldsOf(value)
    const name = `${frame.type}${frame.id === undefined ? '' : ` ${frame.id}`}`
    if (this.#hasEnded) report('wire-ended', `${name} after the session's end`)
    else if (this.#hasFailed) report('wire-ended', `${name} after an error of the whole session`)
    const isAnswer = ['welcome', 'ok', 'error'].includes(String(frame.type))
    if (!this.#isWelcome && frame.type !== 'welcome' && frame.type !== 'error')
      report('wire-auth', `${name} before the welcome`)
    if (isAnswer) this.#answer(frame, name, report)
    else if (frame.type === 'messages') this.#messages(frame, report)
    else if (frame.type === 'gap') this.#gap(frame, report)
    else if (frame.type === 'unsubscribed')
      for (const key of this.#keysOf(frame, report)) this.#subscriptions.delete(key)
    else if (frame.type !== 'heartbeat') report('wire-frame', `unknown frame ${name}`)
  }

  end(report: Report): void {
    if (this.#hasEnded) report('wire-ended', 'ended twice')
    this.#hasEnded = true
  }

  /** At the run's end: a session that lives has answered everything. */
  finish(report: Report): void {
    if (this.#hasEnded || this.#hasFailed) return
    for (const { type, id } of this.#open.values())
      report('wire-unanswered', `command ${type} ${id} was never answered`)
  }

  #answer(frame: Fields, name: string, report: Report): void {
    if (frame.type === 'error' && frame.id === undefined) {
      this.#hasFailed = true
      return
    }
    const command = this.#open.get(frame.id as number)
    if (command === undefined) {
      const isSecond = this.#used.has(frame.id as number)
      report('wire-answer', isSecond ? `${name}: answered already` : `${name}: no such command`)
      return
    }
    this.#open.delete(frame.id as number)
    if ((frame.client ?? 0) !== (command.client ?? 0))
      report('wire-answer', `${name}: of client ${frame.client ?? 0}, asked by client ${command.client ?? 0}`)
    if (frame.type === 'error') return
    if ((command.type === 'auth') !== (frame.type === 'welcome'))
      report('wire-answer', `${name} answers ${command.type}`)
    if (frame.type === 'welcome') this.#isWelcome = true
    else if (command.type === 'subscribe') this.#subscribed(command, frame, name, report)
    else if (command.type === 'publish') this.#published(command, frame, name, report)
    else if (command.type === 'history') this.#history(frame, name, report)
    else if (command.type === 'unsubscribe' && Array.isArray(command.channels))
      for (const channel of command.channels) this.#subscriptions.delete(keyOf(command, channel))
    else if (command.type === 'detach')
      for (const key of [...this.#subscriptions.keys()])
        if (key.startsWith(`${command.client ?? 0} `)) this.#subscriptions.delete(key)
  }

  #subscribed(command: Fields, frame: Fields, name: string, report: Report): void {
    const asked = listOf(command.channels)
    const answered = listOf(frame.channels)
    const names = (items: readonly Fields[]): string => items.map(({ channel }) => channel).join(', ')
    if (names(asked) !== names(answered))
      report('wire-subscribed', `${name}: asked for ${names(asked)}, got ${names(answered)}`)
    for (const [index, item] of answered.entries()) {
      const key = keyOf(command, item.channel)
      const where = `${name}, channel ${item.channel}`
      if (item.error !== undefined) {
        this.#subscriptions.delete(key)
        continue
      }
      const place = placeOf(item.position)
      if (place === null && item.position !== null)
        report('wire-subscribed', `${where}: position ${JSON.stringify(item.position)}`)
      this.#checkStart(asked[index] ?? {}, item, place, where, report)
      this.#checkToken(item.channel, item.position, where, report)
      this.#subscriptions.set(key, { place, isBroken: false })
    }
  }

  /** What it recovered begins at a position that was stated; what it did not says the gap. */
  #checkStart(asked: Fields, item: Fields, place: Place | null, where: string, report: Report): void {
    const gap = fieldsOf(item.gap)
    if (item.recovered !== (item.gap === undefined))
      report('wire-subscribed', `${where}: recovered ${item.recovered} and gap ${JSON.stringify(item.gap)}`)
    if (item.gap !== undefined && gap.resumeAt !== item.position)
      report('wire-subscribed', `${where}: position ${item.position}, but its gap resumes at ${gap.resumeAt}`)
    if (item.gap !== undefined) checkGap(gap, where, report)
    if (item.recovered !== true || place === null || place.seq === 0) return
    const after = fieldsOf(asked.from).after
    const stated = Array.isArray(asked.resume) ? asked.resume : after === undefined ? null : [after]
    if (stated === null) return
    const isStated = stated.some((offset) => plainOf(String(offset)) === plainOf(String(item.position)))
    if (!isStated) report('wire-subscribed', `${where}: recovered, at ${nameOf(place)}, which was not stated`)
  }

  #published(command: Fields, frame: Fields, name: string, report: Report): void {
    if (frame.at === null && frame.seq === undefined) return
    const place = placeOf(frame.at)
    const last = Number(frame.seq) + listOf(command.messages).length - 1
    if (!isSeq(frame.seq) || place?.term !== frame.term || place?.seq !== last)
      report('wire-at', `${name}: ${frame.term} ${frame.seq}, expected at for ${last}, got ${frame.at}`)
    this.#checkToken(command.channel, frame.at, name, report)
  }

  #history(frame: Fields, name: string, report: Report): void {
    let next: number | null = null
    for (const { seq, items } of listOf(frame.runs)) {
      if (!isSeq(seq) || (next !== null && seq !== next))
        report('wire-dense', `${name}: expected a run at ${next}, got ${seq}`)
      next = Number(seq) + listOf(items).reduce((sum, item) => sum + seqsOf(item), 0)
    }
  }

  #messages(frame: Fields, report: Report): void {
    const items = listOf(frame.items)
    const where = `messages of ${frame.channel}`
    for (const item of items) {
      const fault = faultOf(item)
      if (fault !== null) report('wire-item', `${where}: ${fault}`)
    }
    if (items.length === 0) report('wire-item', `${where}: no items`)
    const bytes = bytesOf(frame)
    if (bytes > FRAME_BYTES && items.length > 1)
      report('wire-size', `${where}: ${items.length} items in ${bytes} bytes`)
    const count = items.reduce((sum, item) => sum + seqsOf(item), 0)
    const isDurable = typeof frame.term === 'string' && isSeq(frame.seq)
    const last = isDurable ? { term: frame.term as string, seq: (frame.seq as number) + count - 1 } : null
    const place = placeOf(frame.at)
    const isRight =
      last === null ? frame.at === undefined : place?.term === last.term && place.seq === last.seq
    if (!isRight) report('wire-at', `${where}: expected at for ${nameOf(last)}, got ${frame.at}`)
    this.#checkToken(frame.channel, frame.at, where, report)
    for (const key of this.#keysOf(frame, report))
      this.#advance(
        this.#subscriptions.get(key) as Subscription,
        frame,
        last,
        `${where} to client ${key.split(' ', 1)[0]}`,
        report,
      )
  }

  /** A frame joins the position or overlaps it; one of a newer term that does not makes the client subscribe again. */
  #advance(
    subscription: Subscription,
    frame: Fields,
    last: Place | null,
    where: string,
    report: Report,
  ): void {
    const { place } = subscription
    if ((place === null) !== (last === null)) {
      report('wire-dense', `${where}: from ${nameOf(last)} on a subscription with ${nameOf(place)}`)
      return
    }
    if (place === null || last === null || subscription.isBroken) return
    const first = frame.seq as number
    if (last.term === place.term) {
      if (first > place.seq + 1) report('wire-dense', `${where}: expected ${place.seq + 1}, got ${first}`)
      if (last.seq > place.seq) subscription.place = last
      return
    }
    if (last.term.slice(0, 6) < place.term.slice(0, 6)) return
    if (first === place.seq + 1) subscription.place = last
    else subscription.isBroken = true
  }

  #gap(frame: Fields, report: Report): void {
    const gap = fieldsOf(frame.gap)
    const where = `gap of ${frame.channel}`
    checkGap(gap, where, report)
    this.#checkToken(frame.channel, gap.resumeAt, where, report)
    const place = placeOf(gap.resumeAt)
    for (const key of this.#keysOf(frame, report)) {
      const subscription = this.#subscriptions.get(key) as Subscription
      if (subscription.place !== null && place === null)
        report('wire-gap', `${where}: resumeAt ${gap.resumeAt} on a durable channel`)
      subscription.place = place
      subscription.isBroken = false
    }
  }

  /** The subscriptions that a frame is for. */
  #keysOf(frame: Fields, report: Report): string[] {
    const keys = [...this.#subscriptions.keys()].filter((key) =>
      frame.client === undefined
        ? key === `${key.split(' ', 1)[0]} ${frame.channel}`
        : key === keyOf(frame, frame.channel),
    )
    const client = frame.client === undefined ? 'any client' : `client ${frame.client}`
    if (keys.length === 0)
      report('wire-subscription', `${frame.type} of ${frame.channel}, which ${client} is not subscribed to`)
    return keys
  }

  /** One position has one signed token, whoever is told it. */
  #checkToken(channel: unknown, offset: unknown, where: string, report: Report): void {
    if (typeof offset !== 'string' || !offset.includes('.')) return
    const key = `${channel} ${plainOf(offset)}`
    const known = this.#tokens.get(key)
    if (known === undefined) this.#tokens.set(key, offset)
    else if (known !== offset) report('wire-token', `${where}: ${offset}, told before as ${known}`)
  }
}

const keyOf = (frame: Fields, channel: unknown): string => `${frame.client ?? 0} ${channel}`

function checkGap({ reason, from, to, resumeAt }: Fields, where: string, report: Report): void {
  const text = `${where}: ${reason} ${from} to ${to}, resumeAt ${resumeAt}`
  const isExact = isSeq(from) && isSeq(to) && from > 0 && from <= to
  const place = placeOf(resumeAt)
  if (reason === 'retention' && !(isExact && place?.seq === to))
    report('wire-gap', `${text}; expected an exact range and resumeAt at its end`)
  if (reason === 'lost-tail' && !(isExact && place?.seq === from - 1))
    report('wire-gap', `${text}; expected an exact range and resumeAt before it`)
  if (resumeAt !== null && place === null) report('wire-gap', `${text}; expected an offset`)
}
