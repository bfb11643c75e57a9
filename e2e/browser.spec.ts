import { expect, test } from '@playwright/test'

test('the system browser has what the client stands on', async ({ page }) => {
  // A page of an origin, since opaque origins have no storage.
  await page.route('http://localhost/', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<p>page</p>' }),
  )
  await page.goto('http://localhost/')
  const missing = await page.evaluate(() =>
    ['WebSocket', 'indexedDB', 'BroadcastChannel'].filter((name) => !(name in globalThis)),
  )
  expect(missing).toEqual([])
})
