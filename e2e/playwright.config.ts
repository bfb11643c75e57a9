import { defineConfig } from '@playwright/test'
import { chromiumLaunchOptions } from '../scripts/chromium.mjs'

export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  outputDir: '../reports/playwright',
  // A retry would hide exactly the races that these tests look for.
  retries: 0,
  workers: 1,
  timeout: 60_000,
  forbidOnly: true,
  reporter: [['list'], ['json', { outputFile: '../reports/playwright.json' }]],
  use: { browserName: 'chromium', launchOptions: chromiumLaunchOptions() },
})
