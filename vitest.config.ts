import react from '@vitejs/plugin-react'
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
function types(folder: string) {
  return {
    enabled: true,
    include: [`${folder}/src/**/*.test-d.{ts,tsx}`],
    tsconfig: `${folder}/tsconfig.test.json`,
    ignoreSourceErrors: true,
  }
}

const core = node('core', 'packages/core/src')

export default defineConfig({
  test: {
    reporters: ['default', 'json', './scripts/count-reporter.mjs'],
    outputFile: { json: 'reports/vitest.json' },
    coverage: { include: ['packages/*/src/**'], reportsDirectory: 'coverage' },
    projects: [
      { ...core, test: { ...core.test, typecheck: types('packages/core') } },
      {
        resolve,
        plugins: [react()],
        test: {
          name: 'react',
          include: ['packages/react/src/**/*.test.{ts,tsx}'],
          exclude: [browserTests, '**/node_modules/**', '**/dist/**'],
          environment: 'happy-dom',
          typecheck: types('packages/react'),
        },
      },
      node('server-kit', 'packages/server-kit/src'),
      node('conformance', 'packages/conformance/src'),
      node('bench', 'bench'),
      node('sim', 'e2e/sim'),
      node('scripts', 'scripts'),
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
