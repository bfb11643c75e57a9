/** Holdfast as a team would run it: protocol, offsets and tokens, on the memory log. */
import { createServer } from 'node:http'
import { attachWebSocket, createHub, memoryLog } from '@holdfast/server-kit'
import { TOKEN } from '../load/holdfast-dialect.ts'
import { listen } from './target.ts'

export function start(): Promise<number> {
  const hub = createHub({
    log: memoryLog(),
    authenticate: ({ token }) => (token === undefined ? undefined : token === TOKEN ? { id: 'bench' } : null),
    // One publisher stands for many here.
    limits: { commands: 10_000, framesPerSecond: 1_000_000 },
    channels: { 'c{number}': { authorize: ({ identity }) => identity.id === 'bench' } },
  })
  const server = createServer()
  attachWebSocket(server, hub, { path: '/realtime' })
  return listen(server)
}
