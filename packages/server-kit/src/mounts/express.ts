/** The hub as middleware of Express, connect and their kin. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ErrorCode, wireError } from '@holdfast/core/protocol'
import { errorBodyText, statusOf } from '../endpoints/http-error.ts'
import type { Hub } from '../hub.ts'

export type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

/**
 * Answers under the path it is mounted on: `GET /health` as JSON, and a hint where the path itself is asked for
 * without an upgrade, which is `attachWebSocket`'s. Anything else goes on to the next middleware.
 * @example app.use('/realtime', expressMount(hub))
 */
export function expressMount(hub: Hub): Middleware {
  return (request, response, next) => {
    const path = (request.url ?? '/').split('?', 1)[0]
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (path === '/health' && isRead) {
      const health = hub.health()
      answer(request, response, health.status === 'ok' ? 200 : 503, JSON.stringify(health))
    } else if (path === '/' && isRead) refuse(request, response, 'unsupported_version')
    else next()
  }
}

function refuse(request: IncomingMessage, response: ServerResponse, code: ErrorCode): void {
  const error = wireError(code)
  const status = statusOf(error)
  if (status === 426) response.setHeader('Upgrade', 'websocket')
  answer(request, response, status, errorBodyText(error))
}

function answer({ method }: IncomingMessage, response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  })
  response.end(method === 'HEAD' ? undefined : body)
}
