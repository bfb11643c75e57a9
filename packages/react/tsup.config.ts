import { library } from '../../scripts/library.ts'

// Hooks run in the client's part of an application; esbuild drops the directive from sources that it bundles.
export default {
  ...library({ index: 'src/index.ts', suspense: 'src/suspense.ts' }),
  banner: { js: '"use client";' },
}
