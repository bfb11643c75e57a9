/** The components as a server has them: what Svelte makes of them differs, and so do the modules of Svelte itself. */
import { join } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { runnerImport } from 'vite'

export async function serverBuild(): Promise<typeof import('./server.ts')> {
  const { module } = await runnerImport<typeof import('./server.ts')>(
    join(import.meta.dirname, 'server.ts'),
    {
      // As in the tests: what can be replaced while it runs is rendered with other marks.
      plugins: [svelte({ configFile: false, compilerOptions: { hmr: false } })],
      resolve: { tsconfigPaths: true },
      logLevel: 'error',
    },
  )
  return module
}
