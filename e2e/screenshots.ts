/** Takes the pictures of the demo anew, from what `npm run build` has built: `npx node e2e/screenshots.ts [folder]`. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Locator, type Page } from '@playwright/test'
import { chromiumLaunchOptions } from '../scripts/chromium.mjs'
import { startChat } from './fixtures/chat.ts'

const [folder = join(import.meta.dirname, '../docs/images')] = process.argv.slice(2)
const SIZE = { width: 1_440, height: 900 }

const paneOf = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true })

async function press(where: Page | Locator, name: string): Promise<void> {
  await where.getByRole('button', { name, exact: true }).click()
}

async function say(pane: Locator, text: string): Promise<void> {
  await pane.getByLabel('Message', { exact: true }).fill(text)
  await press(pane, 'Send')
  await pane.getByRole('log').getByText(text).waitFor()
}

/** One room in every state that it may be in: talk, a gap, a refused message and one that waits. */
async function photograph(browser: Browser, colorScheme: 'light' | 'dark'): Promise<void> {
  const chat = await startChat()
  const context = await browser.newContext({ colorScheme, viewport: SIZE, reducedMotion: 'reduce' })
  const page = await context.newPage()
  const [react, vue, svelte] = [paneOf(page, 'React'), paneOf(page, 'Vue'), paneOf(page, 'Svelte')]
  await page.goto(chat.url)
  await page.getByLabel('Your name').fill('Ada')
  await press(page, 'Enter the room')
  await say(svelte, 'I am off for a moment.')
  await press(svelte, 'Go offline')
  await press(page, 'Let a bot talk')
  await page.getByText('The bot has said 60 things.').waitFor()
  await press(svelte, 'Go online')
  await svelte.locator('.gap').scrollIntoViewIfNeeded()
  await say(react, 'Good morning, Vue.')
  await say(vue, 'Good morning, React! We share a room and a page, and nothing else.')
  await say(react, 'Two connections, one order.')
  await press(page, 'Refuse the next message')
  await page.getByText('The server will refuse').waitFor()
  await say(react, 'This one the server refuses.')
  await press(vue, 'Go offline')
  await say(vue, 'Written offline: it waits here, and arrives once.')
  // The buttons of what waits show a little later.
  await vue.getByRole('button', { name: /^Cancel/ }).click({ trial: true })
  await page.mouse.move(0, 0)
  await page.screenshot({ path: join(folder, `chat-${colorScheme}.png`) })
  await context.close()
  await chat.close()
}

mkdirSync(folder, { recursive: true })
const browser = await chromium.launch(chromiumLaunchOptions())
try {
  await photograph(browser, 'light')
  await photograph(browser, 'dark')
} finally {
  await browser.close()
}
