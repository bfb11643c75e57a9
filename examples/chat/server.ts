/** The demo's server: keeps a hub process alive on its SQLite file, and prints where to find it. */
import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { supervise } from './supervisor.ts'

const here = import.meta.dirname
const database = process.env.HOLDFAST_DB ?? join(here, 'data', 'chat.db')

if (!existsSync(join(here, 'dist', 'index.html'))) {
  console.error('The page is not built yet: run `npm start` in the root of the repository.')
  process.exit(1)
}
mkdirSync(dirname(database), { recursive: true })

const supervisor = supervise({
  file: join(here, 'hub.ts'),
  env: { HOLDFAST_DB: database, HOST: process.env.HOST ?? '127.0.0.1', PORT: process.env.PORT ?? '3000' },
  onListening: (port) => console.log(`Holdfast chat: http://localhost:${port}`),
  onFailed: (reason) => {
    console.error(reason)
    process.exit(1)
  },
})

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => supervisor.stop())
