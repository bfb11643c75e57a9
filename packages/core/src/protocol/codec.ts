/**
 * Text to frames and back. Decoding never throws: what is no frame comes back as a fault, which the endpoint answers
 * with a close 4400. Fields that this version does not know are ignored.
 */

import { isBase64 } from './base64.ts'
import { CLIENT_FRAMES, type ClientFrame } from './client-frames.ts'
import { parseJson } from './json.ts'
import type { Schema } from './schema.ts'
import { type OkFrame, SERVER_FRAMES, type ServerFrame } from './server-frames.ts'

/** The WebSocket subprotocol. Its number is the major version: within it, minors only add. */
export const SUBPROTOCOL = 'holdfast.v1'

export type Decoded<F> =
  | { readonly ok: true; readonly frame: F }
  | { readonly ok: false; readonly fault: string }

/** A client's frame from its text, which is scanned strictly: see json.ts. */
export function decodeClientFrame(text: string): Decoded<ClientFrame> {
  const parsed = parseJson(text)
  if (!parsed.ok) return parsed
  const decoded = decode<ClientFrame>(parsed.value, CLIENT_FRAMES)
  if (!decoded.ok || decoded.frame.type !== 'publish') return decoded
  const bad = decoded.frame.messages.findIndex(
    ({ data, encoding }) => encoding && !(typeof data === 'string' && isBase64(data)),
  )
  return bad < 0 ? decoded : { ok: false, fault: `frame.messages[${bad}].data must be base64` }
}

/**
 * A server's frame from its text. The strict scan is left out: a client trusts its server's JSON, which the server
 * scanned when it came in, and the scan would cost as much as the parsing. `JSON.parse` alone pollutes nothing: it
 * makes `__proto__` an own property like any other.
 */
export function decodeServerFrame(text: string): Decoded<ServerFrame> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { ok: false, fault: 'not JSON' }
  }
  const decoded = decode<ServerFrame>(value, SERVER_FRAMES)
  if (!decoded.ok) return decoded
  const { frame } = decoded
  const fault =
    frame.type === 'messages' ? itemsFault(frame.items) : frame.type === 'ok' ? runsFault(frame.runs) : null
  return fault ? { ok: false, fault } : decoded
}

export function encodeFrame(frame: ClientFrame | ServerFrame): string {
  return JSON.stringify(frame)
}

function decode<F>(value: unknown, frames: Readonly<Record<string, Schema<unknown>>>): Decoded<F> {
  const type = typeof value === 'object' && value !== null ? (value as { type?: unknown }).type : undefined
  const schema = typeof type === 'string' && Object.hasOwn(frames, type) ? frames[type] : undefined
  if (!schema) return { ok: false, fault: 'frame.type is unknown' }
  const fault = schema.fault(value)
  return fault ? { ok: false, fault: `frame${fault}` } : { ok: true, frame: value as F }
}

function runsFault(runs: OkFrame['runs']): string | null {
  for (const run of runs ?? []) {
    const fault = itemsFault(run.items)
    if (fault) return fault
  }
  return null
}

function itemsFault(items: readonly unknown[]): string | null {
  for (let at = 0; at < items.length; at++) {
    const place = itemFault(items[at])
    if (place !== null) return `items[${at}]${place} is malformed`
  }
  return null
}

/** The place at fault within an item, or null. Written out rather than as a schema: this is the client's hottest loop. */
function itemFault(item: unknown): string | null {
  if (typeof item !== 'object' || item === null) return ''
  if ('id' in item) {
    const { id, time, data, encoding, sender, event, meta } = item as Record<string, unknown>
    if (typeof id !== 'string') return '.id'
    if (typeof time !== 'number') return '.time'
    if (sender !== undefined && typeof sender !== 'string') return '.sender'
    if (event !== undefined && typeof event !== 'string') return '.event'
    if (meta !== undefined && (typeof meta !== 'object' || meta === null)) return '.meta'
    if (encoding !== undefined && !(encoding === 'base64' && typeof data === 'string' && isBase64(data)))
      return '.data'
  } else if ('skip' in item) {
    if (!Number.isSafeInteger(item.skip) || (item.skip as number) < 1) return '.skip'
  } else if ('lost' in item) {
    const lost = item.lost as Record<string, unknown> | null
    const isLoss =
      typeof lost === 'object' &&
      lost !== null &&
      typeof lost.term === 'string' &&
      Number.isSafeInteger(lost.to) &&
      (lost.from === null || Number.isSafeInteger(lost.from))
    if (!isLoss) return '.lost'
  } else if ('poison' in item) {
    if (typeof item.poison !== 'string') return '.poison'
  }
  return null
}
