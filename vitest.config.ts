import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import react from '@vitejs/plugin-react'
import vue from '@vitejs/plugin-vue'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import { chromiumLaunchOptions } from './scripts/chromium.mjs'
import { sourceAliases } from './scripts/sources.mjs'

const browserTests = '**/*.browser.test.{ts,tsx}'

/** Tests import `@holdfast/*` from the sources, so that none of them needs a build. */
const resolve = { alias: sourceAliases }

function node(name: string, folder: string): TestProjectInlineConfiguration {
  return {
    resolve,
    test: {
      name,
      include: [`${folder}/**/*.test.ts`],
      exclude: [browserTests, '**/node_modules/**', '**/dist/**'],
      environment: 'node',
    },
  }
}

/** Type tests run beside the others; the sources' own errors are the type check's business. */
function types(folder: string, config = 'tsconfig.test.json') {
  return {
    enabled: true,
    include: [`${folder}/src/**/*.test-d.{ts,tsx}`],
    tsconfig: `${folder}/${config}`,
    ignoreSourceErrors: true,
  }
}

/** A binding's tests, in a document. */
function binding(
  name: string,
  plugins: NonNullable<TestProjectInlineConfiguration['plugins']>,
  more: object = {},
): TestProjectInlineConfiguration {
  return {
    resolve: { ...resolve, ...more },
    plugins,
    test: {
      name,
      include: [`packages/${name}/src/**/*.test.{ts,tsx}`],
      exclude: [browserTests, '**/node_modules/**', '**/dist/**'],
      environment: 'happy-dom',
      typecheck: types(`packages/${name}`),
    },
  }
}

const core = node('core', 'packages/core/src')
const serverKit = node('server-kit', 'packages/server-kit/src')

export default defineConfig({
  test: {
    reporters: ['default', 'json', './scripts/count-reporter.mjs'],
    outputFile: { json: 'reports/vitest.json' },
    coverage: { include: ['packages/*/src/**'], reportsDirectory: 'coverage' },
    projects: [
      { ...core, test: { ...core.test, typecheck: types('packages/core') } },
      binding('react', [react()]),
      binding('vue', [vue()]),
      binding('svelte', [svelte({ configFile: false })], { conditions: ['browser'] }),
      { ...serverKit, test: { ...serverKit.test, typecheck: types('packages/server-kit', 'tsconfig.json') } },
      node('conformance', 'packages/conformance/src'),
      node('bench', 'bench'),
      node('sim', 'e2e/sim'),
      node('scripts', 'scripts'),
      {
        // A page and its server in one process: Svelte as browsers have it, and `ws` as Node has it.
        resolve: {
          alias: [...sourceAliases, { find: /^ws$/, replacement: fileURLToPath(import.meta.resolve('ws')) }],
          conditions: ['browser'],
        },
        plugins: [react(), vue(), svelte({ configFile: false })],
        test: { name: 'docs', include: ['docs/snippets/**/*.test.{ts,tsx}'], environment: 'node' },
      },
      {
        resolve,
        plugins: [react()],
        test: {
          name: 'browser',
          include: [`packages/*/src/${browserTests}`],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: chromiumLaunchOptions() }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
})
