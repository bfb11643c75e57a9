/** Takes messages in: checks, hooks, and the append, or for an ephemeral channel the way straight to its subscribers. */
import { hash } from 'node:crypto'
import type { Contract } from '@holdfast/core/contract'
import {
  DEFAULT_EVENT,
  dataOf,
  formatMessageItem,
  formatOffset,
  jsonCopy,
  type MessageItem,
  type Position,
  parseOffset,
  type WireMessage,
} from '@holdfast/core/protocol'
import { isAllowed } from './authorization.ts'
import type { ChannelSetup } from './channel.ts'
import type { HubContext } from './context.ts'
import { HubError } from './errors.ts'
import type { AppendRequest, AppendResult, Claim, Digest, NewEntry, Producer } from './log/log.ts'
import { eachInTurn, type MaybePromise, whenReady } from './maybe-promise.ts'
import { claimsOf } from './offsets.ts'
import type { ChannelContext, Identity } from './options.ts'
import { changed, hookMessage, textOf } from './outgoing.ts'

export interface PublishRequest {
  /** Null for the server itself, which is asked nothing. */
  readonly identity: Identity | null
  readonly messages: readonly WireMessage[]
  readonly ifTop?: string
  readonly ageMs?: number
  readonly claims?: readonly string[]
  readonly producer?: Producer
}

export interface Published {
  /** Null on an ephemeral channel. */
  readonly first: Position | null
  /** The signed position of the last message. */
  readonly at: string | null
  /** The same without signature. */
  readonly offset: string | null
  readonly time: number
  readonly isDuplicate: boolean
}

/** A publish that passed every check but the log's. */
export type Accepted = () => Promise<Published>

/** A position that no channel has: an append that names it is refused, unless the log knows its ids. */
const NOWHERE: Position = { term: '0'.repeat(19), seq: Number.MAX_SAFE_INTEGER }

export class Publisher {
  readonly #context: HubContext

  constructor(context: HubContext) {
    this.#context = context
  }

  /** Checks a publish and asks the hooks. Throws what refuses it. */
  accept(channel: string, request: PublishRequest): MaybePromise<Accepted> {
    const setup = this.#context.channels.setup(channel)
    const { messages } = request
    const { batchMessages, messageBytes } = this.#context.config.limits
    if (messages.length > batchMessages) throw new HubError('batch_too_large')
    if (messages.length > 1 && new Set(messages.map(({ id }) => id)).size < messages.length) {
      throw new HubError('bad_message', { message: 'Two messages of a batch have the same id.' })
    }
    const datas = messages.map((message) => dataText(message, messageBytes))
    if (!setup.isDurable) {
      if (request.ifTop !== undefined || request.producer) throw new HubError('not_durable')
      return whenReady(
        this.#admit(setup, request),
        (admitted) => () => this.#send(setup, admitted, datas, request),
      )
    }
    const append = this.#appendRequest(setup, request, datas)
    // A resend is answered like the first try, even where authorize, the contract or a hook would decide otherwise by now.
    const isGated = this.#contract || setup.config.authorize || setup.config.onPublish
    if (request.ageMs !== undefined && isGated) return this.#resend(setup, append, request, datas)
    return whenReady(
      this.#admit(setup, request),
      (admitted) => () => this.#append(setup, append, request, admitted, datas),
    )
  }

  async #resend(
    setup: ChannelSetup,
    append: AppendRequest,
    request: PublishRequest,
    datas: readonly string[],
  ): Promise<Accepted> {
    const known = await this.#context.log.append(setup.key, { ...append, ifTop: NOWHERE })
    const isNew = known.outcome === 'refused' && !known.code.startsWith('idempotency_')
    if (!isNew) return async () => this.#published(setup, known, 0)
    const admitted = await this.#admit(setup, request)
    return () => this.#append(setup, append, request, admitted, datas)
  }

  /** The messages as the hooks let them pass. */
  #admit(setup: ChannelSetup, { identity, messages }: PublishRequest): MaybePromise<readonly WireMessage[]> {
    if (!identity) return this.#valid(setup, messages)
    const { authorize, onPublish } = setup.config
    const context: ChannelContext = { channel: setup.name, params: setup.params, identity }
    return whenReady(this.#authorized(authorize, context), (answer) => {
      if (!isAllowed(answer)) throw new HubError('forbidden')
      const valid = this.#valid(setup, messages)
      if (!onPublish) return valid
      const ask = (message: WireMessage): MaybePromise<WireMessage> =>
        // The sender is known by now; the item says so later, in its own place.
        whenReady(onPublish(hookMessage({ ...message, sender: identity.id }), context), (answer) => {
          if (answer === false) throw new HubError('forbidden', { message: 'The hub refused this message.' })
          return answer === undefined || answer === true ? message : changed(message, answer)
        })
      return whenReady(valid, (list) => eachInTurn(list, ask))
    })
  }

  /** The messages as the contract's validators let them pass. */
  #valid(setup: ChannelSetup, messages: readonly WireMessage[]): MaybePromise<readonly WireMessage[]> {
    const contract = this.#contract
    if (!contract) return messages
    return eachInTurn(messages, (message) => {
      const data = dataOf(message)
      const validation = contract.validate(setup.name, message.event ?? DEFAULT_EVENT, data)
      return whenReady(validation, (result) => {
        if (!result.ok) throw new HubError(result.fault.code, result.fault)
        return result.value === data ? message : jsonOf(changed(message, { data: result.value }))
      })
    })
  }

  get #contract(): Contract | undefined {
    return this.#context.config.contract
  }

  #authorized(
    authorize: ChannelSetup['config']['authorize'],
    context: ChannelContext,
  ): MaybePromise<boolean> {
    if (authorize) return authorize({ ...context, action: 'publish', clientParams: null })
    if (!this.#context.config.isOpen) throw new HubError('unknown_channel')
    return true
  }

  #appendRequest(setup: ChannelSetup, request: PublishRequest, datas: readonly string[]): AppendRequest {
    const { identity, messages, ifTop, ageMs, producer } = request
    const { idempotencyMs } = this.#context.config
    const claims = this.#claims(setup, request.claims)
    return {
      entries: messages.map((message, at) => ({
        id: message.id,
        digest: new MessageDigest(message, datas[at] as string),
        body: '',
      })),
      identity: identity?.id ?? '',
      idempotencyMs,
      retention: setup.retention,
      ...(claims.length > 0 ? { claims } : {}),
      ...(ageMs === undefined ? {} : { ageMs }),
      ...(ifTop === undefined ? {} : { ifTop: topOf(ifTop) }),
      ...(producer ? { producer } : {}),
    }
  }

  /** What the publisher knew by signed acks, and what this hub has seen. */
  #claims(setup: ChannelSetup, tokens: readonly string[] = []): readonly Claim[] {
    const own = this.#context.channels.get(setup.key)?.follower?.known.claims ?? []
    if (tokens.length === 0) return own
    const { offsets } = this.#context
    return [...own, ...claimsOf(tokens.map((token) => offsets.present(setup.key, token)))]
  }

  async #append(
    setup: ChannelSetup,
    append: AppendRequest,
    request: PublishRequest,
    messages: readonly WireMessage[],
    datas: readonly string[],
  ): Promise<Published> {
    const time = this.#context.config.clock.now()
    const bodies = this.#bodies(messages, request, datas, time)
    const entries = append.entries.map((entry, at): NewEntry => ({ ...entry, body: bodies[at] as string }))
    const result = await this.#context.log.append(setup.key, { ...append, entries })
    // An engine that has compared nothing yet keeps what the digest is made of; the frames have left by now.
    for (const { digest } of entries) digest.value
    const published = this.#published(setup, result, time)
    if (!published.isDuplicate) this.#tell(setup, request, published.offset)
    return published
  }

  /** An ephemeral channel: whoever listens now gets it. */
  async #send(
    setup: ChannelSetup,
    messages: readonly WireMessage[],
    datas: readonly string[],
    request: PublishRequest,
  ): Promise<Published> {
    const time = this.#context.config.clock.now()
    const bodies = this.#bodies(messages, request, datas, time)
    this.#context.channels.get(setup.key)?.add({ term: null, seq: 0, bodies })
    this.#tell(setup, request, null)
    return { first: null, at: null, offset: null, time, isDuplicate: false }
  }

  #bodies(
    messages: readonly WireMessage[],
    { identity, messages: sent }: PublishRequest,
    datas: readonly string[],
    time: number,
  ): string[] {
    const sender = identity ? { sender: identity.id } : {}
    return messages.map((message, at) => {
      const data = message === sent[at] ? (datas[at] as string) : textOf(message.data)
      const item: MessageItem = { ...message, time, ...sender }
      return formatMessageItem(item, data)
    })
  }

  #tell(setup: ChannelSetup, { identity, messages }: PublishRequest, offset: string | null): void {
    const ids = messages.map(({ id }) => id)
    this.#context.sweeper.look()
    this.#context.events.emit('publish', { channel: setup.name, identity, ids, offset })
  }

  #published(setup: ChannelSetup, result: AppendResult, time: number): Published {
    const sign = (position: Position): string => this.#context.offsets.sign(setup.key, position)
    if (result.outcome === 'refused') {
      throw new HubError(result.code, result.code === 'conflict' ? { top: sign(result.top) } : {})
    }
    const { first, last, outcome, body } = result
    const isDuplicate = outcome === 'duplicate'
    return {
      first,
      at: sign(last),
      offset: formatOffset(last),
      time: isDuplicate ? timeOf(body, time || this.#context.config.clock.now()) : time,
      isDuplicate,
    }
  }
}

/** The JSON text of a message's data, checked for its size. */
function dataText({ data, encoding, meta }: WireMessage, messageBytes: number): string {
  const text = jsonText(data)
  // A UTF-16 unit takes at most three bytes, so that most messages need not be measured.
  let bytes = encoding
    ? decodedLength(data as string)
    : meta || text.length * 3 > messageBytes
      ? Buffer.byteLength(text)
      : 0
  if (meta) bytes += Buffer.byteLength(JSON.stringify(meta))
  if (bytes > messageBytes) {
    throw new HubError('message_too_large', { message: `A message may have ${messageBytes} bytes.` })
  }
  return text
}

/** The server's own data may be anything. */
function jsonText(data: unknown): string {
  try {
    const text = JSON.stringify(data)
    if (text !== undefined) return text
  } catch (cause) {
    throw new HubError('bad_message', { cause })
  }
  throw new HubError('bad_message')
}

function decodedLength(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0
  return (base64.length * 3) / 4 - padding
}

/** Hashes when it is asked to, and forgets the message then. */
class MessageDigest implements Digest {
  #source: { readonly message: WireMessage; readonly data: string } | null
  #value = ''

  constructor(message: WireMessage, data: string) {
    this.#source = { message, data }
  }

  /** Most messages are data alone. No JSON begins as the others' texts do and goes on behind that list. */
  get value(): string {
    if (!this.#source) return this.#value
    const { message, data } = this.#source
    const { event = DEFAULT_EVENT, encoding, meta } = message
    const isPlain = event === DEFAULT_EVENT && !encoding && !meta
    const rest = isPlain ? '' : JSON.stringify([event, encoding ?? null, meta ?? null])
    this.#value = hash('sha256', rest + data, 'base64')
    this.#source = null
    return this.#value
  }
}

/** A validator's output as the log keeps it. What JSON would drop or replace must not go in without a word. */
function jsonOf(message: WireMessage): WireMessage {
  const fault = (text: string): HubError =>
    new HubError('internal', {
      message: `The contract's output for message ${message.id} is not JSON: ${text}.`,
    })
  const [copy] = jsonCopy([message], fault) as [WireMessage]
  // A date would come out as text, which is not what subscribers' types say.
  JSON.stringify(message.data, function (this: Record<string, unknown>, key, value) {
    const isOther = typeof (this[key] as { toJSON?: unknown } | null | undefined)?.toJSON === 'function'
    if (isOther) throw fault(`${key || 'data'} has a toJSON`)
    return value as unknown
  })
  return copy
}

function topOf(token: string): Position {
  const parsed = parseOffset(token)
  if (!parsed) throw new HubError('bad_cursor')
  return { term: parsed.term, seq: parsed.seq }
}

/** The time in a stored body; retention may have dropped the body. */
function timeOf(body: string | null | undefined, otherwise: number): number {
  return body ? ((JSON.parse(body) as Partial<MessageItem>).time ?? otherwise) : otherwise
}
