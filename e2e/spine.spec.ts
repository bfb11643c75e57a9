import { setTimeout as wait } from 'node:timers/promises'
import { expect, type Page, test } from '@playwright/test'
import { type HubProcess, hubProcess, publish } from './fixtures/processes.ts'
import { type Site, startSite } from './fixtures/site.ts'

const ROOM = 'room:spine'
const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at)
const seen = (page: Page): Promise<unknown[]> => page.evaluate(() => window.holdfast.record.seen)
const gaps = (page: Page) => page.evaluate(() => window.holdfast.record.gaps)

let site: Site
let hub: HubProcess
// A reconnect may wait twenty seconds, and rows of a closed tab thirty.
test.describe.configure({ timeout: 180_000 })

test.beforeAll(async () => {
  site = await startSite()
})
test.afterAll(() => site.close())
test.afterEach(() => hub.dispose())

async function openTab(page: Page, query = ''): Promise<void> {
  await page.goto(`${site.origin}/?port=${hub.port}&room=${ROOM}${query}`)
  await page.evaluate(() => window.holdfast.ready)
}

/**
 * Takes a tab off the network for a time. Each DevTools session emulates on its own, so one does both.
 * @returns how much it had seen halfway, and at the end
 */
async function goOffline(page: Page, ms: number): Promise<[number, number]> {
  const devtools = await page.context().newCDPSession(page)
  const unlimited = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 }
  await devtools.send('Network.enable')
  await devtools.send('Network.emulateNetworkConditions', { offline: true, ...unlimited })
  await wait(ms / 2)
  const halfway = (await seen(page)).length
  await wait(ms / 2)
  const atTheEnd = (await seen(page)).length
  expect(await page.evaluate(() => window.holdfast.client.isConnected)).toBe(false)
  await devtools.send('Network.emulateNetworkConditions', { offline: false, ...unlimited })
  return [halfway, atTheEnd]
}

test('R14, W1 (chromium): two tabs see 1…2,000 in order and once, through kills, reloads and ten seconds offline', async ({
  context,
}) => {
  hub = await hubProcess(site.origin)
  const reloaded = await context.newPage()
  const offline = await context.newPage()
  await Promise.all([openTab(reloaded), openTab(offline)])

  const published = publish(hub.port, ROOM, 2_000, 150)
  const until = (n: number) =>
    expect.poll(async () => (await seen(reloaded)).length, { timeout: 60_000 }).toBeGreaterThan(n)
  const restart = async (): Promise<void> => {
    await hub.kill()
    await hub.start()
  }
  await until(100)
  await restart()
  await until(300)
  await reloaded.reload()
  await until(500)
  await restart()
  const network = goOffline(offline, 10_000)
  await until(700)
  await restart()
  await until(900)
  await reloaded.reload()
  await until(1_100)
  await restart()
  await until(1_300)
  await restart()
  const [, [halfway, atTheEnd]] = await Promise.all([published, network])
  expect(atTheEnd).toBe(halfway)
  expect(halfway).toBeLessThan(2_000)

  for (const page of [reloaded, offline]) {
    await expect
      .poll(async () => (await seen(page)).length, { timeout: 60_000 })
      .toBeGreaterThanOrEqual(2_000)
  }
  // Whatever would still come would be a second time.
  await wait(3_000)
  for (const page of [reloaded, offline]) {
    expect(await seen(page)).toEqual(numbers(1, 2_000))
    expect(await gaps(page)).toEqual([])
  }
})

test('R17, N14 (chromium): published offline, page reloaded, back online: delivered once, in order', async ({
  context,
}) => {
  hub = await hubProcess(site.origin)
  const reader = await context.newPage()
  const writer = await context.newPage()
  await Promise.all([openTab(reader), openTab(writer)])
  await hub.kill()
  await writer.evaluate(async () => {
    for (let n = 1; n <= 10; n++) {
      const sent = window.holdfast.room.publish('number', n)
      sent.catch(() => undefined)
      await sent.queued
    }
  })
  await writer.reload()
  await writer.evaluate(() => {
    window.holdfast.room.publish('number', 11).catch(() => undefined)
  })
  await hub.start()
  for (const page of [reader, writer]) {
    await expect.poll(async () => (await seen(page)).length, { timeout: 60_000 }).toBeGreaterThanOrEqual(11)
    expect(await seen(page)).toEqual(numbers(1, 11))
  }
  await expect.poll(() => writer.evaluate(() => window.holdfast.client.outbox$.value.length)).toBe(0)
})

test('R8, L5 (chromium): retention exceeded while a tab was offline: one gap with the exact range', async ({
  context,
}) => {
  hub = await hubProcess(site.origin, 50)
  const page = await context.newPage()
  await openTab(page)
  await publish(hub.port, ROOM, 10, 0)
  await expect.poll(async () => (await seen(page)).length).toBe(10)
  await page.evaluate(() => window.holdfast.client.disconnect())
  await publish(hub.port, ROOM, 200, 0)
  await page.evaluate(() => window.holdfast.client.connect())
  await expect.poll(async () => (await seen(page)).length, { timeout: 30_000 }).toBe(60)
  expect(await gaps(page)).toMatchObject([{ reason: 'retention', from: 11, to: 160 }])
  expect(await seen(page)).toEqual([...numbers(1, 10), ...numbers(151, 200)])
})

test('W3 (chromium): the database deleted under the page is told as a gap, and everything goes on once', async ({
  context,
}) => {
  hub = await hubProcess(site.origin)
  const page = await context.newPage()
  await openTab(page)
  await publish(hub.port, ROOM, 10, 0)
  await expect.poll(async () => (await seen(page)).length).toBe(10)
  await page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const request = indexedDB.deleteDatabase('spine')
        request.onsuccess = resolve
        request.onerror = reject
      }),
  )
  await expect.poll(async () => (await gaps(page)).length, { timeout: 30_000 }).toBe(1)
  expect(await gaps(page)).toMatchObject([{ reason: 'storage-lost' }])
  await hub.kill()
  await hub.start()
  await publish(hub.port, ROOM, 5, 0)
  await expect.poll(async () => (await seen(page)).length, { timeout: 30_000 }).toBe(15)
  expect(await seen(page)).toEqual([...numbers(1, 10), ...numbers(1, 5)])
  expect(await gaps(page)).toHaveLength(1)
})
