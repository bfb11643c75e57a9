/** The hub's process: rooms on a SQLite file, the page, and the page's few requests. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { createHub, HubError, serve, sqliteLog } from '@holdfast/server-kit'
import { createLogin, loadSecret, type Visitor } from './login.ts'
import { servePage } from './pages.ts'
import { demoRoutes, ROOM } from './routes.ts'
import { channelOf, contract } from './src/shared/contract.ts'
import type { HubReport } from './supervisor.ts'

// A terminal's Ctrl-C reaches this process too, but the supervisor decides when it ends.
process.on('SIGINT', () => undefined)

const { HOLDFAST_DB = 'chat.db', HOST = '127.0.0.1', PORT = '3000' } = process.env
const DIST = join(import.meta.dirname, 'dist')
/** Few, so that a short absence is enough to see a gap. */
const KEPT_MESSAGES = 50
/** Rooms whose next message is refused. */
const refusals = new Set<string>()

const login = createLogin(loadSecret(`${HOLDFAST_DB}.secret`))

const hub = createHub({
  contract,
  log: sqliteLog(HOLDFAST_DB),
  authenticate: ({ token, reason }) => {
    if (reason === 'upgrade') return undefined
    const visitor = token === undefined ? null : login.identify(token)
    return visitor && { id: visitor.id, expiresAt: visitor.expiresAt, claims: visitor }
  },
  channels: {
    'room:{id}': {
      authorize: ({ params }) => ROOM.test(params.id),
      onPublish: ({ data }, { params, identity }) => {
        if (refusals.delete(params.id))
          throw new HubError('forbidden', { message: 'The server was asked to refuse this message.' })
        return { data: { ...data, name: (identity.claims as Visitor).name } }
      },
      retention: { maxEntries: KEPT_MESSAGES },
    },
  },
})

const route = demoRoutes({
  login,
  say: (room, text) => hub.publish(channelOf(room), 'message', { text, name: 'Bot' }),
  refuse: (room) => refusals.add(room),
  restart: () => report({ type: 'restart' }),
})

try {
  const serving = await serve(hub, { port: Number(PORT), host: HOST, handler })
  report({ type: 'listening', port: serving.port })
  const close = (): void => {
    serving.close({ drainMs: 1_000 }).then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.once('SIGTERM', close)
  process.once('disconnect', close)
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException
  const isTaken = code === 'EADDRINUSE'
  report({ type: 'failed', reason: isTaken ? `Port ${PORT} is taken: set PORT to another.` : message })
  process.exitCode = 1
}

function handler(request: IncomingMessage, response: ServerResponse): void {
  if (request.method !== 'POST') servePage(DIST, request.url ?? '/', response)
  else
    route(request, response).catch((error) => {
      console.error(error)
      response.writeHead(500).end()
    })
}

function report(message: HubReport): void {
  process.send?.(message)
}
