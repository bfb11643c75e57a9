import AxeBuilder from '@axe-core/playwright'
import { type BrowserContext, expect, type Locator, type Page, test } from '@playwright/test'
import { type Chat, startChat } from './fixtures/chat.ts'

let chat: Chat
let rooms = 0
test.beforeAll(async () => {
  chat = await startChat()
})
test.afterAll(() => chat.close())

const said = (page: Page, text: string): Locator => page.getByRole('log').getByText(text, { exact: true })
const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click()
const nextRoom = (): string => `room-${++rooms}`

async function enter(context: BrowserContext, name: string, room: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(chat.url)
  await page.getByLabel('Your name').fill(name)
  await page.getByLabel('Room').fill(room)
  await press(page, 'Enter the room')
  await expectStatus(page, 'ONLINE')
  return page
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message', { exact: true }).fill(text)
  await press(page, 'Send')
}

/** Longer than a second attempt may wait, where the first came too early for a server that restarts. */
const RECONNECT_MS = 30_000

async function expectStatus(page: Page, status: string): Promise<void> {
  const diagram = page.getByRole('img', { name: `the connection is ${status}` })
  await expect(diagram).toBeVisible({ timeout: RECONNECT_MS })
}

/**
 * Notes what the diagram and the countdown show from here on: a reconnect may take no time at all, so that who only
 * looks now and then misses it.
 */
async function watchConnection(page: Page): Promise<(shown: RegExp) => Promise<void>> {
  await page.evaluate(() => {
    const shown: string[] = []
    const note = (): void => {
      const label = document.querySelector('[role=img].diagram')?.getAttribute('aria-label')
      shown.push(`${label} | ${document.querySelector('[role=timer]')?.textContent}`)
    }
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, attributes: true })
    Object.assign(window, { shown })
  })
  return async (wanted) => {
    const shown = (): Promise<string> => page.evaluate(() => Reflect.get(window, 'shown').join('\n'))
    await expect.poll(shown, { timeout: RECONNECT_MS }).toMatch(wanted)
  }
}

test('the demo: two visitors talk, and see who said what', async ({ context }) => {
  const room = nextRoom()
  const ada = await enter(context, 'Ada', room)
  const grace = await enter(context, 'Grace', room)
  await say(ada, 'Good morning.')
  await say(grace, 'Good evening.')
  for (const page of [ada, grace]) await expect(page.getByRole('log').getByRole('listitem')).toHaveCount(2)
  await expect(ada.getByRole('listitem').filter({ hasText: 'Good morning.' })).toContainText('You')
  await expect(grace.getByRole('listitem').filter({ hasText: 'Good morning.' })).toContainText('Ada')
})

test('the demo: written offline, reloaded, online again: delivered once', async ({ context }) => {
  const room = nextRoom()
  const ada = await enter(context, 'Ada', room)
  const grace = await enter(context, 'Grace', room)
  await press(ada, 'Go offline')
  await expectStatus(ada, 'OFFLINE')
  await say(ada, 'Written offline.')
  const row = ada.getByRole('list', { name: 'Outbox' }).getByRole('listitem')
  await expect(row).toContainText('Written offline.')
  await say(ada, 'Thought better of it.')
  await press(ada, 'Cancel: Thought better of it.')
  await expect(row).toHaveCount(1)
  await expect(said(grace, 'Written offline.')).toHaveCount(0)
  await ada.reload()
  await expectStatus(ada, 'ONLINE')
  await say(ada, 'Back.')
  for (const page of [ada, grace]) {
    await expect(said(page, 'Back.')).toHaveCount(1)
    await expect(page.getByRole('log').getByRole('listitem')).toContainText(['Written offline.', 'Back.'])
    await expect(page.getByRole('log').getByRole('listitem')).toHaveCount(2)
  }
  await expect(row).toHaveCount(0)
})

test('the demo: after a dropped socket and a killed server everything arrives once', async ({ context }) => {
  const room = nextRoom()
  const ada = await enter(context, 'Ada', room)
  const grace = await enter(context, 'Grace', room)
  const hasShown = await watchConnection(ada)
  await press(ada, 'Drop the socket')
  await hasShown(/connection is CONNECTING/)
  await say(grace, 'While the socket was gone.')
  await expectStatus(ada, 'ONLINE')
  await press(ada, 'Restart the server')
  await hasShown(/Next attempt in \d+ s\./)
  await say(ada, 'While the server was gone.')
  for (const page of [ada, grace]) {
    await expectStatus(page, 'ONLINE')
    await expect(said(page, 'While the socket was gone.')).toHaveCount(1)
    await expect(said(page, 'While the server was gone.')).toHaveCount(1)
    await expect(page.locator('.gap')).toHaveCount(0)
  }
})

test('the demo: what the room kept no longer is counted in a notice', async ({ context }) => {
  const ada = await enter(context, 'Ada', nextRoom())
  await say(ada, 'The first.')
  await expect(said(ada, 'The first.')).toBeVisible()
  await press(ada, 'Go offline')
  await expectStatus(ada, 'OFFLINE')
  await press(ada, 'Let a bot talk')
  await expect(ada.getByRole('status')).toContainText('60')
  await press(ada, 'Go online')
  const items = ada.getByRole('log').getByRole('listitem')
  await expect(items).toHaveCount(52)
  await expect(items.nth(0)).toContainText('The first.')
  await expect(items.nth(1)).toHaveText('10 messages are no longer kept.')
  await expect(items.nth(2)).toContainText('Small talk, 11 of 60.')
  await expect(items.nth(51)).toContainText('Small talk, 60 of 60.')
})

test('the demo: away after a minute without a sign of the visitor', async ({ context }) => {
  const page = await context.newPage()
  await page.clock.install()
  await page.goto(chat.url)
  await page.getByLabel('Your name').fill('Ada')
  await press(page, 'Enter the room')
  await expectStatus(page, 'ONLINE')
  await page.clock.fastForward(61_000)
  await expectStatus(page, 'AWAY')
  await page.mouse.move(20, 20)
  await page.keyboard.press('Shift')
  await expectStatus(page, 'ONLINE')
})

test('the demo: usable with the keyboard alone', async ({ page }) => {
  await page.goto(chat.url)
  const focusOn = async (target: Locator): Promise<void> => {
    for (let steps = 0; steps < 20; steps++) {
      if (await target.evaluate((element) => element === document.activeElement)) return
      await page.keyboard.press('Tab')
    }
    await expect(target).toBeFocused()
  }
  await focusOn(page.getByLabel('Your name'))
  await page.keyboard.type('Ada')
  await focusOn(page.getByLabel('Room'))
  await page.keyboard.type(nextRoom())
  await page.keyboard.press('Enter')
  await expectStatus(page, 'ONLINE')
  await focusOn(page.getByLabel('Message', { exact: true }))
  await page.keyboard.type('Two')
  await page.keyboard.press('Shift+Enter')
  await page.keyboard.type('lines')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('log').getByRole('listitem')).toHaveText(/Two\nlines/)
  await focusOn(page.getByRole('button', { name: 'Go offline' }))
  await page.keyboard.press('Enter')
  await expectStatus(page, 'OFFLINE')
  await expect(page.getByRole('button', { name: 'Go online' })).toBeFocused()
  await page.keyboard.press('Space')
  await expectStatus(page, 'ONLINE')
  await focusOn(page.getByRole('button', { name: 'Leave' }))
  await page.keyboard.press('Enter')
  await expect(page.getByLabel('Your name')).toBeVisible()
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the demo: accessible in ${colorScheme}, and as wide as a phone of 360 px`, async ({ browser }) => {
    const context = await browser.newContext({
      colorScheme,
      reducedMotion: 'reduce',
      viewport: { width: 360, height: 740 },
    })
    const page = await context.newPage()
    const check = async (): Promise<void> => {
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])).toEqual([])
      const width = await page.evaluate(() => document.documentElement.scrollWidth)
      expect(width).toBeLessThanOrEqual(page.viewportSize()?.width ?? 0)
    }
    await page.goto(chat.url)
    await check()
    await page.getByLabel('Your name').fill('A name of twenty-four ch')
    await page.getByLabel('Room').fill(`a-long-room-name-${nextRoom()}`)
    await press(page, 'Enter the room')
    await expectStatus(page, 'ONLINE')
    await say(page, `One${'-long'.repeat(40)}-word`)
    await press(page, 'Go offline')
    await press(page, 'Let a bot talk')
    await say(page, 'Waiting.')
    await expect(page.getByRole('list', { name: 'Outbox' })).toBeVisible()
    await check()
    await press(page, 'Go online')
    await expect(page.locator('.gap')).toBeVisible()
    await check()
    await page.setViewportSize({ width: 1_280, height: 800 })
    await check()
    await context.close()
  })
}
