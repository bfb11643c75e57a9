/** Errors as HTTP answers: the same body as on the wire, in JSON. */

import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ErrorCode, WireError } from '@holdfast/core/protocol'

const STATUS: Partial<Record<ErrorCode, number>> = {
  unauthenticated: 401,
  token_expired: 401,
  origin_denied: 403,
  forbidden: 403,
  channel_not_found: 404,
  unsupported_version: 426,
  rate_limited: 429,
  draining: 503,
  log_unavailable: 503,
  internal: 500,
}

export function statusOf({ code }: WireError): number {
  return STATUS[code] ?? 400
}

export function errorBodyText(error: WireError): string {
  return JSON.stringify({ error })
}

/** Answers an upgrade with an error, and ends its socket. */
export function refuseUpgrade(socket: Duplex, error: WireError): void {
  const status = statusOf(error)
  const body = errorBodyText(error)
  const headers = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    ...(status === 426 ? ['Upgrade: websocket'] : []),
    'Connection: close',
  ]
  endWith(socket, `${headers.join('\r\n')}\r\n\r\n${body}`)
}

/** Ends an upgrade's socket, also where the peer would keep its half open. */
export function endWith(socket: Duplex, answer: string): void {
  socket.on('error', () => undefined)
  socket.end(answer, () => socket.destroy())
}
