/** One process for both: the hub, and the pages as Nuxt has built them. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { serve } from '@holdfast/server-kit'
import { createRoomHub } from './server/lib/hub.ts'
import { shareHub } from './server/lib/shared-hub.ts'

const {
  HOST = '127.0.0.1',
  PORT = '3000',
  HOLDFAST_DB = join(import.meta.dirname, 'room.sqlite'),
} = process.env
const pages = new URL('.output/server/index.mjs', import.meta.url)

if (!existsSync(pages)) {
  console.error('The pages are not built yet: run `npm run build`.')
  process.exit(1)
}
// Vue has a slower build for development, which it takes where nothing else is said.
process.env.NODE_ENV ??= 'production'

const hub = createRoomHub(HOLDFAST_DB)
shareHub(hub)
const { listener } = await import(pages.href)
const serving = await serve(hub, { port: Number(PORT), host: HOST, path: '/realtime', handler: listener })
console.log(`Holdfast with Nuxt: http://localhost:${serving.port}`)

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    serving.close({ drainMs: 1_000 }).then(
      () => process.exit(0),
      () => process.exit(1),
    )
  })
