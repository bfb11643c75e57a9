// #region server
import { createServer } from 'node:http'
import { attachWebSocket, createHub, sqliteLog } from '@holdfast/server-kit'
// #endregion

import type { RequestListener } from 'node:http'

/** What the application has: its pages, its sessions, its rules. */
export interface Application {
  readonly app: RequestListener
  readonly sessionOf: (token: string) => Promise<{ id: string } | null>
  readonly mayUse: (user: { id: string }, room: string | undefined, action: string) => boolean
}

export async function startServer({ app, sessionOf, mayUse }: Application) {
  // #region server
  const hub = createHub({
    log: sqliteLog('holdfast.db'),
    authenticate: async ({ token }) => (token ? sessionOf(token) : undefined), // { id: 'ann' }, or null
    channels: {
      'room:{id}': { authorize: ({ identity, params, action }) => mayUse(identity, params.id, action) },
    },
  })

  const server = createServer(app)
  attachWebSocket(server, hub, { path: '/realtime' })
  server.listen(8080)

  await hub.publish('room:42', 'message', { text: 'hello' })
  // #endregion
  return { hub, server }
}
