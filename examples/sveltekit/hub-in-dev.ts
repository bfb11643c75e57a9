/** `vite dev` knows no `server.ts`: there the hub joins Vite's own server, whose process runs the pages too. */
import { join } from 'node:path'
import type { Plugin } from 'vite'

export function hubInDev(): Plugin {
  return {
    name: 'hub-in-dev',
    async configureServer({ httpServer }) {
      if (!httpServer) return
      const { attachWebSocket } = await import('@holdfast/server-kit')
      const { createRoomHub } = await import('./src/lib/server/hub.ts')
      const { shareHub } = await import('./src/lib/server/shared-hub.ts')
      const hub = createRoomHub(join(import.meta.dirname, 'room.sqlite'))
      shareHub(hub)
      attachWebSocket(httpServer as Parameters<typeof attachWebSocket>[0], hub, { path: '/realtime' })
      httpServer.once('close', () => void hub.close())
    },
  }
}
