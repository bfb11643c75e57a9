/** One process for both: the hub, and the pages as SvelteKit has built them. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { serve } from '@holdfast/server-kit'
import { createRoomHub } from './src/lib/server/hub.ts'
import { shareHub } from './src/lib/server/shared-hub.ts'

const {
  HOST = '127.0.0.1',
  PORT = '3000',
  HOLDFAST_DB = join(import.meta.dirname, 'room.sqlite'),
} = process.env
const pages = new URL('build/handler.js', import.meta.url)

if (!existsSync(pages)) {
  console.error('The pages are not built yet: run `npm run build`.')
  process.exit(1)
}

const hub = createRoomHub(HOLDFAST_DB)
shareHub(hub)
const { handler } = await import(pages.href)
const serving = await serve(hub, { port: Number(PORT), host: HOST, path: '/realtime', handler })
console.log(`Holdfast with SvelteKit: http://localhost:${serving.port}`)

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    serving.close({ drainMs: 1_000 }).then(
      () => process.exit(0),
      () => process.exit(1),
    )
  })
