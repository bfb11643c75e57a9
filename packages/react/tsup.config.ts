import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { library } from '../../scripts/library.ts'

// Hooks run in the client's part of an application; esbuild drops the directive from sources that it bundles.
const DIRECTIVE = '"use client";'

export default {
  ...library({ index: 'src/index.ts', suspense: 'src/suspense.ts' }),
  banner: { js: DIRECTIVE },
  // In CommonJS the banner ends up behind the exports, where it says nothing.
  async onSuccess(): Promise<void> {
    for (const file of globSync('dist/*.cjs'))
      writeFileSync(file, `${DIRECTIVE}${readFileSync(file, 'utf8')}`)
  },
}
