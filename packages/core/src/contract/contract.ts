/**
 * A contract: which channels there are and what each carries. One object gives client, hub and bindings their types; the
 * hub validates every message by it, and the client does in development.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { HoldfastError } from '../errors.ts'
import { isProduction } from '../ports/index.ts'
import type { ErrorCode } from '../protocol/index.ts'
import type { ChannelDefinition, ContractDefinition } from './definition.ts'
import { type PatternMatch, Patterns } from './patterns.ts'

/** What a contract says of one message. */
export type Validation =
  /** `value` is the validator's output. */
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly fault: ContractFault }

/** Why something is not of the contract. */
export interface ContractFault {
  readonly code: Extract<ErrorCode, 'unknown_channel' | 'contract_violation'>
  /** Names the channel, the event and the place. */
  readonly message: string
  /** The place in the message, such as `data.items[2].name`; undefined where the channel itself is at fault. */
  readonly path?: string
}

export interface Contract<D extends ContractDefinition = ContractDefinition> {
  readonly definition: D
  /** What a channel's name belongs to, or null. */
  find(channel: string): PatternMatch<ChannelDefinition> | null
  /** Validates the data of a message. A promise where the validator is asynchronous. */
  validate(channel: string, event: string, data: unknown): Validation | Promise<Validation>
  /**
   * For the client: in development, throws where the contract has no such channel. In production the hub alone says so.
   * @throws HoldfastError `unknown_channel`
   */
  checkChannel(channel: string): void
  /**
   * For the client: in development, throws where a message is not of the contract. What an asynchronous validator would
   * say is left to the hub.
   * @throws HoldfastError `contract_violation`, `unknown_channel`
   */
  checkMessages(
    channel: string,
    messages: readonly { readonly event?: string; readonly data: unknown }[],
  ): void
}

/** Issues named in one message. */
const MAX_ISSUES = 3
/** A frame carries 1,000 characters of a message, and as many of a path. */
const MAX_LENGTH = 800
const DEFAULT_EVENT = 'message'

/**
 * Makes a contract.
 * @throws HoldfastError `bad_config` where a pattern is malformed or a validator is none
 * @example
 * const contract = defineContract({
 *   channels: { 'room:{id}': { events: { message: z.object({ text: z.string() }) } } },
 * })
 */
export function defineContract<const D extends ContractDefinition>(definition: D): Contract<D> {
  checkDefinition(definition)
  let patterns: Patterns<ChannelDefinition>
  try {
    patterns = new Patterns(definition.channels)
  } catch (cause) {
    throw badConfig((cause as Error).message)
  }
  const find = (channel: string): PatternMatch<ChannelDefinition> | null => patterns.find(channel)

  function validate(channel: string, event: string, data: unknown): Validation | Promise<Validation> {
    const found = find(channel)
    if (!found) return { ok: false, fault: noSuchChannel(channel, definition) }
    const { events = {} } = found.value
    const validator = Object.hasOwn(events, event) ? events[event] : undefined
    if (!validator) return { ok: false, fault: noSuchEvent(channel, event, events) }
    const toValidation = (result: StandardSchemaV1.Result<unknown>): Validation =>
      result.issues
        ? { ok: false, fault: violation(channel, event, result.issues) }
        : { ok: true, value: result.value }
    const result = validator['~standard'].validate(data)
    return result instanceof Promise ? result.then(toValidation) : toValidation(result)
  }

  return {
    definition,
    find,
    validate,
    checkChannel(channel) {
      if (!isProduction() && !find(channel)) throw asError(noSuchChannel(channel, definition))
    },
    checkMessages(channel, messages) {
      if (isProduction()) return
      for (const { event = DEFAULT_EVENT, data } of messages) {
        const validation = validate(channel, event, data)
        if (validation instanceof Promise) validation.catch(() => undefined)
        else if (!validation.ok) throw asError(validation.fault)
      }
    },
  }
}

function checkDefinition({ channels, requests = {} }: ContractDefinition): void {
  if (!channels || typeof channels !== 'object') throw badConfig('A contract has channels, by pattern.')
  const validators: [string, unknown][] = []
  for (const [pattern, { events = {}, presence }] of Object.entries(channels)) {
    for (const [event, validator] of Object.entries(events))
      validators.push([`${pattern} ${event}`, validator])
    if (presence) validators.push([`${pattern} presence`, presence])
  }
  for (const [name, { input, output }] of Object.entries(requests))
    validators.push([`${name} input`, input], [`${name} output`, output])
  for (const [name, validator] of validators) {
    const standard = (validator as Partial<StandardSchemaV1> | null | undefined)?.['~standard']
    if (typeof standard?.validate !== 'function')
      throw badConfig(`${name} needs a validator of Standard Schema, as zod, valibot and arktype make them.`)
  }
}

function noSuchChannel(channel: string, { channels }: ContractDefinition): ContractFault {
  const known = Object.keys(channels).join(', ')
  return { code: 'unknown_channel', message: `The contract has no channel ${channel}. It has: ${known}.` }
}

function noSuchEvent(channel: string, event: string, events: object): ContractFault {
  const known = Object.keys(events).join(', ') || 'none'
  return {
    code: 'contract_violation',
    path: 'event',
    message: `event: ${channel} has no event ${event}. It has: ${known}.`.slice(0, MAX_LENGTH),
  }
}

function violation(channel: string, event: string, issues: readonly StandardSchemaV1.Issue[]): ContractFault {
  const told = issues.slice(0, MAX_ISSUES).map((issue) => `${pathOf(issue)}: ${issue.message}`)
  const more = issues.length > MAX_ISSUES ? `; and ${issues.length - MAX_ISSUES} more` : ''
  const [first] = issues
  return {
    code: 'contract_violation',
    path: (first ? pathOf(first) : 'data').slice(0, MAX_LENGTH),
    message: `${told.join('; ')}${more} (event ${event} of ${channel})`.slice(0, MAX_LENGTH),
  }
}

/** The place as one writes it in JavaScript. */
function pathOf({ path = [] }: StandardSchemaV1.Issue): string {
  return path.reduce((text: string, part) => {
    const key = typeof part === 'object' ? part.key : part
    return typeof key === 'number' || /^\d+$/.test(String(key))
      ? `${text}[${String(key)}]`
      : `${text}.${String(key)}`
  }, 'data')
}

function asError({ code, ...details }: ContractFault): HoldfastError {
  const errorClass = code === 'unknown_channel' ? 'auth' : 'input'
  return new HoldfastError(code, { ...details, class: errorClass, retryWhen: 'never' })
}

function badConfig(message: string): HoldfastError {
  return new HoldfastError('bad_config', { message })
}
