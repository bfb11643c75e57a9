/** Runs the page's client in the system's Chromium. */
import { fileURLToPath } from 'node:url'
import { chromium } from '@playwright/test'
import { build, type Rollup } from 'vite'
import { chromiumLaunchOptions } from '../../../scripts/chromium.mjs'
import { sourceAliases } from '../../../scripts/sources.mjs'
import type { ReceiptResult } from '../receipt.ts'
import type { PageRequest } from './page.ts'

/** The name under which the bundle puts the page's exports. */
const GLOBAL = 'benchPage'

export async function consumeInChromium(url: string, request: PageRequest): Promise<ReceiptResult> {
  const script = await bundle()
  const browser = await chromium.launch(chromiumLaunchOptions())
  try {
    const page = await browser.newPage()
    await page.goto(url)
    await page.addScriptTag({ content: script })
    return await page.evaluate(`${GLOBAL}.consume(${JSON.stringify(request)})`)
  } finally {
    await browser.close()
  }
}

async function bundle(): Promise<string> {
  const outputs = (await build({
    configFile: false,
    logLevel: 'error',
    resolve: { alias: sourceAliases },
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      // A lazily loaded chunk has no URL here.
      rollupOptions: { output: { inlineDynamicImports: true } },
      lib: { entry: fileURLToPath(new URL('./page.ts', import.meta.url)), formats: ['iife'], name: GLOBAL },
    },
  })) as Rollup.RollupOutput[]
  const [chunk] = outputs[0]?.output ?? []
  if (!chunk) throw new Error('vite made no bundle')
  return chunk.code
}
