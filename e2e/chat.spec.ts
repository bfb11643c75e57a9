import AxeBuilder from '@axe-core/playwright'
import { type BrowserContext, expect, type Locator, type Page, test } from '@playwright/test'
import { type Chat, startChat } from './fixtures/chat.ts'

const FRAMEWORKS = ['React', 'Vue', 'Svelte'] as const
type Framework = (typeof FRAMEWORKS)[number]

let chat: Chat
let rooms = 0
test.beforeAll(async () => {
  chat = await startChat()
})
test.afterAll(() => chat.close())

const nextRoom = (): string => `room-${++rooms}`
const paneOf = (page: Page, framework: Framework): Locator =>
  page.getByRole('region', { name: framework, exact: true })
const panesOf = (page: Page): Locator[] => FRAMEWORKS.map((framework) => paneOf(page, framework))
const rowsOf = (pane: Locator): Locator => pane.getByRole('log').getByRole('listitem')
/** What a message says, without its author and the like. */
const said = (pane: Locator, text: string): Locator => pane.getByRole('log').getByText(text, { exact: true })
const rowOf = (pane: Locator, text: string): Locator => rowsOf(pane).filter({ hasText: text })

async function press(where: Page | Locator, name: string): Promise<void> {
  // In a tab behind another one, nothing is drawn but once a second, and every click waits for that.
  await ('bringToFront' in where ? where : where.page()).bringToFront()
  await where.getByRole('button', { name, exact: true }).click()
}

async function enter(context: BrowserContext, name: string, room: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(chat.url)
  await page.getByLabel('Your name').fill(name)
  await page.getByLabel('Room').fill(room)
  await press(page, 'Enter the room')
  await expectStatus(page, 'ONLINE')
  return page
}

async function say(pane: Locator, text: string): Promise<void> {
  await pane.getByLabel('Message', { exact: true }).fill(text)
  await press(pane, 'Send')
}

/** Longer than a second attempt may wait, where the first came too early for a server that restarts. */
const RECONNECT_MS = 30_000

async function expectPaneStatus(pane: Locator, status: string): Promise<void> {
  const diagram = pane.getByRole('img', { name: `the connection is ${status}` })
  await expect(diagram).toBeVisible({ timeout: RECONNECT_MS })
}

/** Of all panes. */
async function expectStatus(page: Page, status: string): Promise<void> {
  for (const pane of panesOf(page)) await expectPaneStatus(pane, status)
}

/**
 * Notes what the diagrams and the countdowns show from here on: a reconnect may take no time at all, so that who only
 * looks now and then misses it.
 */
async function watchConnections(page: Page): Promise<(framework: Framework, shown: RegExp) => Promise<void>> {
  await page.evaluate(() => {
    const shown: string[] = []
    const note = (): void => {
      for (const pane of document.querySelectorAll('.pane')) {
        const label = pane.querySelector('[role=img]')?.getAttribute('aria-label')
        const line = `${pane.getAttribute('aria-label')}: ${label} | ${pane.querySelector('[role=timer]')?.textContent}`
        if (!shown.includes(line)) shown.push(line)
      }
    }
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, attributes: true })
    Object.assign(window, { shown })
  })
  return async (framework, wanted) => {
    const shown = (): Promise<string[]> =>
      page.evaluate(
        (name) => Reflect.get(window, 'shown').filter((line: string) => line.startsWith(name)),
        framework,
      )
    await expect.poll(async () => (await shown()).join('\n'), { timeout: RECONNECT_MS }).toMatch(wanted)
  }
}

test('the demo: the panes of two visitors talk, and see who said what', async ({ context }) => {
  const room = nextRoom()
  const ada = await enter(context, 'Ada', room)
  const grace = await enter(context, 'Grace', room)
  for (const framework of FRAMEWORKS) {
    await expect(paneOf(ada, framework)).toContainText(`You are Ada in ${framework}`)
    await say(paneOf(ada, framework), `Good morning from ${framework}.`)
    await expect(said(paneOf(grace, framework), `Good morning from ${framework}.`)).toBeVisible()
  }
  await say(paneOf(grace, 'Vue'), 'Good evening.')
  for (const page of [ada, grace])
    for (const pane of panesOf(page)) {
      const texts = [...FRAMEWORKS.map((framework) => `Good morning from ${framework}.`), 'Good evening.']
      await expect(rowsOf(pane)).toContainText(texts)
      await expect(rowsOf(pane)).toHaveCount(texts.length)
    }
  for (const framework of FRAMEWORKS)
    for (const reader of FRAMEWORKS) {
      const row = rowOf(paneOf(ada, reader), `Good morning from ${framework}.`)
      await expect(row.locator('.name')).toHaveText(framework === reader ? 'You' : `Ada in ${framework}`)
    }
  for (const pane of panesOf(ada))
    await expect(rowOf(pane, 'Good evening.').locator('.name')).toHaveText('Grace in Vue')
})

test('the demo: written offline it stands in the log at once, and after a reload it is delivered once', async ({
  context,
}) => {
  const room = nextRoom()
  const ada = await enter(context, 'Ada', room)
  const grace = await enter(context, 'Grace', room)
  for (const framework of FRAMEWORKS) {
    const pane = paneOf(ada, framework)
    await press(pane, 'Go offline')
    await expectPaneStatus(pane, 'OFFLINE')
    await say(pane, `Written offline in ${framework}.`)
    await expect(rowOf(pane, `Written offline in ${framework}.`)).toContainText('waiting')
    await say(pane, 'Thought better of it.')
    await press(pane, 'Cancel: Thought better of it.')
    await expect(rowsOf(pane)).toHaveCount(1)
  }
  for (const pane of panesOf(grace)) await expect(rowsOf(pane)).toHaveCount(0)
  await ada.reload()
  await expectStatus(ada, 'ONLINE')
  await say(paneOf(grace, 'React'), 'The last.')
  for (const page of [ada, grace])
    for (const pane of panesOf(page)) {
      for (const framework of FRAMEWORKS)
        await expect(said(pane, `Written offline in ${framework}.`)).toHaveCount(1)
      await expect(said(pane, 'The last.')).toHaveCount(1)
      await expect(rowsOf(pane)).toHaveCount(FRAMEWORKS.length + 1)
      await expect(pane.locator('[data-state]')).toHaveCount(0)
    }
})

test('the demo: what the server refuses stays as failed, to be retried or dismissed', async ({ context }) => {
  const ada = await enter(context, 'Ada', nextRoom())
  const tooLong = 'x'.repeat(2_001)
  for (const [at, framework] of FRAMEWORKS.entries()) {
    const pane = paneOf(ada, framework)
    await press(ada, 'Refuse the next message')
    await expect(ada.getByRole('status')).toContainText('refuse the next message')
    const text = `Refused in ${framework}.`
    await say(pane, text)
    await expect(rowOf(pane, text)).toContainText('not sent')
    await expect(rowOf(pane, text)).toContainText('The server was asked to refuse this message.')
    await say(pane, tooLong)
    await expect(rowOf(pane, tooLong)).toContainText('At most 2,000 characters')
    await press(pane, `Retry: ${tooLong}`)
    await expect(rowOf(pane, tooLong)).toContainText('not sent')
    for (const other of FRAMEWORKS)
      await expect(rowsOf(paneOf(ada, other))).toHaveCount(other === framework ? at + 2 : at)

    await press(pane, `Retry: ${text}`)
    for (const other of panesOf(ada)) await expect(said(other, text)).toHaveCount(1)
    await expect(rowOf(pane, text)).not.toContainText('not sent')
    await press(pane, `Dismiss: ${tooLong}`)
    for (const other of panesOf(ada)) await expect(rowsOf(other)).toHaveCount(at + 1)
  }
})

test('the demo: after a dropped socket and a killed server everything arrives once', async ({ context }) => {
  const room = nextRoom()
  const ada = await enter(context, 'Ada', room)
  const grace = await enter(context, 'Grace', room)
  const hasShown = await watchConnections(ada)
  const texts: string[] = []
  for (const framework of FRAMEWORKS) {
    await press(paneOf(ada, framework), 'Drop the socket')
    await hasShown(framework, /connection is CONNECTING/)
    texts.push(`While the socket of ${framework} was gone.`)
    await say(paneOf(grace, framework), texts.at(-1) ?? '')
    await expectPaneStatus(paneOf(ada, framework), 'ONLINE')
  }
  await press(ada, 'Restart the server')
  for (const framework of FRAMEWORKS) await hasShown(framework, /Next attempt in \d+ s\./)
  for (const framework of FRAMEWORKS) {
    texts.push(`Said in ${framework} while the server was gone.`)
    await say(paneOf(ada, framework), texts.at(-1) ?? '')
  }
  for (const page of [ada, grace]) {
    await expectStatus(page, 'ONLINE')
    for (const pane of panesOf(page)) {
      for (const text of texts) await expect(said(pane, text)).toHaveCount(1)
      await expect(rowsOf(pane)).toHaveCount(texts.length)
    }
  }
})

test('the demo: what the room kept no longer is counted in a notice', async ({ context }) => {
  const ada = await enter(context, 'Ada', nextRoom())
  await say(paneOf(ada, 'React'), 'The first.')
  for (const pane of panesOf(ada)) {
    await expect(said(pane, 'The first.')).toBeVisible()
    await press(pane, 'Go offline')
    await expectPaneStatus(pane, 'OFFLINE')
  }
  await press(ada, 'Let a bot talk')
  await expect(ada.getByRole('status')).toContainText('has said 60 things')
  for (const pane of panesOf(ada)) {
    await press(pane, 'Go online')
    const rows = rowsOf(pane)
    await expect(rows).toHaveCount(52)
    await expect(rows.nth(0)).toContainText('The first.')
    await expect(rows.nth(1)).toHaveText('10 messages are no longer kept.')
    await expect(rows.nth(2)).toContainText('Small talk, 11 of 60.')
    await expect(rows.nth(51)).toContainText('Small talk, 60 of 60.')
    await expect(rows.nth(51), 'the log is read at its end').toBeInViewport()
  }
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
  const focusOn = async (target: Locator, key = 'Tab'): Promise<void> => {
    for (let steps = 0; steps < 20; steps++) {
      if (await target.evaluate((element) => element === document.activeElement)) return
      await page.keyboard.press(key)
    }
    await expect(target).toBeFocused()
  }
  await focusOn(page.getByLabel('Your name'))
  await page.keyboard.type('Ada')
  await focusOn(page.getByLabel('Room'))
  await page.keyboard.type(nextRoom())
  await page.keyboard.press('Enter')
  await expectStatus(page, 'ONLINE')
  for (const [at, pane] of panesOf(page).entries()) {
    await focusOn(pane.getByRole('button', { name: 'Go offline' }))
    await page.keyboard.press('Enter')
    await expectPaneStatus(pane, 'OFFLINE')
    await focusOn(pane.getByLabel('Message', { exact: true }))
    await page.keyboard.type('Two')
    await page.keyboard.press('Shift+Enter')
    await page.keyboard.type('lines')
    await page.keyboard.press('Enter')
    await expect(rowsOf(pane).nth(at)).toHaveText(/Two\nlines/)
    await page.keyboard.type('No more.')
    await page.keyboard.press('Enter')
    await focusOn(pane.getByRole('button', { name: 'Cancel: No more.' }), 'Shift+Tab')
    await page.keyboard.press('Enter')
    await expect(rowsOf(pane)).toHaveCount(at + 1)
    await focusOn(pane.getByRole('button', { name: 'Go online' }), 'Shift+Tab')
    await page.keyboard.press('Space')
    await expectPaneStatus(pane, 'ONLINE')
    await expect(pane.getByRole('button', { name: 'Go offline' })).toBeFocused()
    for (const other of panesOf(page)) await expect(rowsOf(other)).toHaveCount(at + 1)
  }
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
    const complaints: string[] = []
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    const fits = async (): Promise<void> => {
      const width = await page.evaluate(() => document.documentElement.scrollWidth)
      expect(width).toBeLessThanOrEqual(page.viewportSize()?.width ?? 0)
    }
    const check = async (): Promise<void> => {
      await fits()
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])).toEqual([])
    }
    await page.goto(chat.url)
    await check()
    await page.getByLabel('Your name').fill('A name of twenty-four ch')
    await page.getByLabel('Room').fill(`a-long-room-name-${nextRoom()}`)
    await press(page, 'Enter the room')
    await expectStatus(page, 'ONLINE')
    for (const pane of panesOf(page)) {
      await press(page, 'Refuse the next message')
      await expect(page.getByRole('status')).toContainText('refuse the next message')
      await say(pane, `One${'-long'.repeat(40)}-word`)
      await expect(pane.locator('[data-state=failed]')).toBeVisible()
      await press(pane, 'Go offline')
      await say(pane, 'Waiting.')
      await expect(pane.getByRole('button', { name: 'Cancel: Waiting.' })).toBeVisible()
    }
    await press(page, 'Let a bot talk')
    await expect(page.getByRole('status')).toContainText('has said 60 things')
    await check()
    for (const pane of panesOf(page)) {
      await press(pane, 'Go online')
      await expect(pane.locator('.gap')).toBeVisible()
    }
    for (const width of [360, 700, 900]) {
      await page.setViewportSize({ width, height: 800 })
      await fits()
    }
    await page.setViewportSize({ width: 1_280, height: 800 })
    await check()
    expect(complaints, 'what the content security policy refused, among others').toEqual([])
    await context.close()
  })
}
