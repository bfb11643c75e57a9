import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CHANNEL_NAME, type ClientFrame } from './client-frames.ts'
import { decodeClientFrame, decodeServerFrame, encodeFrame } from './codec.ts'
import { ERROR_CODES, type ErrorCode, wireError } from './errors.ts'
import { jsonFault } from './json.ts'
import type { Item } from './message.ts'
import { formatOffset, formatTerm } from './position.ts'
import { GAP_REASONS, type ServerFrame } from './server-frames.ts'

/** An arbitrary for each type of frame: a frame that is added does not compile without one. */
type Arbitraries<F extends { type: string }> = { [T in F['type']]: fc.Arbitrary<Extract<F, { type: T }>> }

/** Keys that may be missing, under `exactOptionalPropertyTypes`. */
const some = <R extends object, O extends object>(
  required: { [K in keyof R]: fc.Arbitrary<R[K]> },
  optional: { [K in keyof O]: fc.Arbitrary<O[K]> },
): fc.Arbitrary<R & Partial<O>> =>
  fc
    .tuple(
      fc.record(required, { noNullPrototype: true }),
      fc.record(optional, { requiredKeys: [], noNullPrototype: true }),
    )
    .map(([a, b]) => ({ ...a, ...b }) as R & Partial<O>)

const text = (unit: string, minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...unit), minLength, maxLength })
const word = text('abcXYZ019_-', 16, 24)
const count = fc.maxSafeNat()
const id = { id: count }
const client = { client: fc.nat(1_000) }
const term = fc
  .tuple(fc.nat(36 ** 6 - 1), text('0189az', 13, 13))
  .map(([counter, lineage]) => formatTerm(counter, lineage))
const offset = fc
  .tuple(term, count, fc.option(text('AZaz09-_', 16, 16)))
  .map(([term, seq, mac]) => formatOffset({ term, seq }) + (mac === null ? '' : `.${mac}`))
const channel = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((name) => CHANNEL_NAME.test(name))
const seq = count.map((seq) => Math.max(1, seq))
/** JSON that is in the protocol's own strict form, and without the -0 that JSON does not keep. */
const json = fc
  .jsonValue()
  .filter((value) => jsonFault(JSON.stringify(value)) === null)
  .map((value) => JSON.parse(JSON.stringify(value)) as unknown)
const base64 = fc
  .base64String({ maxLength: 40 })
  .map((text) => Buffer.from(text, 'base64').toString('base64'))
const meta = fc.dictionary(text('abc', 1, 3), json, { noNullPrototype: true })
const messageId = text('abc!~019-', 1, 64)
const list = <T>(item: fc.Arbitrary<T>, minLength = 0, maxLength = 4): fc.Arbitrary<T[]> =>
  fc.array(item, { minLength, maxLength })

const published = fc.oneof(
  some({ id: messageId, data: json }, { event: channel, meta }),
  some({ id: messageId, data: base64, encoding: fc.constant('base64' as const) }, { event: channel, meta }),
)
const start = fc.oneof(
  fc.constantFrom('now' as const, 'earliest' as const),
  fc.record({ last: fc.nat(10_000) }, { noNullPrototype: true }),
  fc.record({ since: count }, { noNullPrototype: true }),
  fc.record({ after: offset }, { noNullPrototype: true }),
)

const CLIENT: Arbitraries<ClientFrame> = {
  auth: some(
    { type: fc.constant('auth'), ...id, clientId: word },
    { ...client, token: fc.string(), anonymousKey: word },
  ),
  detach: some({ type: fc.constant('detach'), ...id }, client),
  subscribe: some(
    {
      type: fc.constant('subscribe'),
      ...id,
      channels: list(some({ channel }, { from: start, resume: list(offset) }), 1),
    },
    client,
  ),
  unsubscribe: some({ type: fc.constant('unsubscribe'), ...id, channels: list(channel, 1) }, client),
  publish: some(
    { type: fc.constant('publish'), ...id, channel, messages: list(published, 1) },
    {
      ...client,
      ifTop: offset,
      ageMs: count,
      claims: list(offset),
      producer: fc.record({ id: messageId, epoch: count, seq: count }, { noNullPrototype: true }),
    },
  ),
  history: some(
    { type: fc.constant('history'), ...id, channel },
    { ...client, before: offset, after: offset, limit: fc.integer({ min: 1, max: 1_000 }) },
  ),
  ping: some({ type: fc.constant('ping'), ...id }, client),
}

const codes = Object.keys(ERROR_CODES) as ErrorCode[]
const error = fc
  .tuple(fc.constantFrom(...codes), some({}, { message: fc.string(), retryAfterMs: count, top: offset }))
  .map(([code, details]) => wireError(code, details))
const gap = fc.record(
  {
    reason: fc.constantFrom(...GAP_REASONS),
    term: fc.option(term),
    from: fc.option(count),
    to: fc.option(count),
    resumeAt: fc.option(offset),
  },
  { noNullPrototype: true },
)
const lost = fc.record({ term, from: fc.option(count), to: count }, { noNullPrototype: true })
const item: fc.Arbitrary<Item> = fc.oneof(
  some({ id: messageId, time: count, data: json }, { event: channel, sender: word, meta }),
  some(
    { id: messageId, time: count, data: base64, encoding: fc.constant('base64' as const) },
    { sender: word },
  ),
  fc.record({ lost }, { noNullPrototype: true }),
  fc.record({ skip: seq }, { noNullPrototype: true }),
  fc.record({ poison: fc.string() }, { noNullPrototype: true }),
)
const subscribed = some({ channel }, { error, position: fc.option(offset), recovered: fc.boolean(), gap })

const SERVER: Arbitraries<ServerFrame> = {
  welcome: some(
    {
      type: fc.constant('welcome'),
      ...id,
      session: word,
      node: word,
      app: word,
      identity: fc.record({ id: word, isAnonymous: fc.boolean() }, { noNullPrototype: true }),
      time: count,
      heartbeatMs: seq,
      idempotencyMs: count,
      limits: fc.record(
        { frameBytes: seq, messageBytes: seq, batchMessages: seq, channels: seq, commands: seq },
        { noNullPrototype: true },
      ),
      features: list(word),
    },
    { ...client, expiresInMs: count },
  ),
  ok: some(
    { type: fc.constant('ok'), ...id },
    {
      ...client,
      channels: list(subscribed),
      term,
      seq,
      at: fc.option(offset),
      time: count,
      duplicate: fc.boolean(),
      runs: list(fc.record({ term, seq, items: list(item) }, { noNullPrototype: true })),
      hasMore: fc.boolean(),
      gap,
    },
  ),
  error: some({ type: fc.constant('error'), error }, { ...id, ...client }),
  messages: some(
    { type: fc.constant('messages'), channel, items: list(item) },
    { ...client, replay: fc.boolean(), term, seq, at: offset },
  ),
  gap: some({ type: fc.constant('gap'), channel, gap }, client),
  unsubscribed: some({ type: fc.constant('unsubscribed'), channel, error }, client),
  heartbeat: fc.constant({ type: 'heartbeat' }),
}

const RUNS = { numRuns: 200 }

describe('every frame', () => {
  it.each(Object.entries(CLIENT))('%s of a client is decoded as it was encoded', (_type, arbitrary) => {
    fc.assert(
      fc.property(arbitrary as fc.Arbitrary<ClientFrame>, (frame) => {
        expect(decodeClientFrame(encodeFrame(frame))).toEqual({ ok: true, frame })
      }),
      RUNS,
    )
  })

  it.each(Object.entries(SERVER))('%s of a server is decoded as it was encoded', (_type, arbitrary) => {
    fc.assert(
      fc.property(arbitrary as fc.Arbitrary<ServerFrame>, (frame) => {
        expect(decodeServerFrame(encodeFrame(frame))).toEqual({ ok: true, frame })
      }),
      RUNS,
    )
  })
})

/** The frame with one of its values, at any depth, replaced or removed. */
function mutate(value: unknown, path: number, substitute: unknown): unknown {
  if (typeof value !== 'object' || value === null || path % 5 === 0) return substitute
  const keys = Object.keys(value)
  const key = keys[path % keys.length]
  if (key === undefined) return substitute
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>
  if (path % 11 === 0) delete copy[key]
  else copy[key] = mutate(copy[key], Math.floor(path / 2), substitute)
  return copy
}

describe('a damaged frame', () => {
  const frame = fc.oneof(...Object.values(CLIENT), ...Object.values(SERVER)) as fc.Arbitrary<
    ClientFrame | ServerFrame
  >

  it('never makes the decoders throw, where a value is wrong', () => {
    let refused = 0
    fc.assert(
      fc.property(frame, fc.nat(), fc.anything({ maxDepth: 1 }), (frame, path, substitute) => {
        const text = JSON.stringify(mutate(frame, path, substitute), (_, value) =>
          typeof value === 'bigint' ? Number(value) : value,
        )
        for (const decode of [decodeClientFrame, decodeServerFrame]) {
          const decoded = decode(text ?? '')
          if (!decoded.ok) refused++
          expect(decoded.ok || decoded.fault.length > 0).toBe(true)
        }
      }),
      { numRuns: 2_000 },
    )
    expect(refused).toBeGreaterThan(2_000)
  })

  it('never makes the decoders throw, where the text is cut, doubled or overwritten', () => {
    fc.assert(
      fc.property(
        frame,
        fc.nat(),
        fc.nat(40),
        fc.string({ maxLength: 5 }),
        (frame, place, length, insert) => {
          const text = encodeFrame(frame)
          const at = place % text.length
          const damaged = [
            text.slice(0, at),
            text.slice(0, at) + insert + text.slice(at + length),
            text.slice(0, at + length) + text.slice(at),
          ]
          for (const text of damaged) {
            for (const decode of [decodeClientFrame, decodeServerFrame])
              expect(typeof decode(text).ok).toBe('boolean')
          }
        },
      ),
      { numRuns: 1_000 },
    )
  })
})
