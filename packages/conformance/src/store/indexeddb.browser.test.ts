import type { Store } from '@holdfast/core'
import { indexedDb } from '@holdfast/core/stores/indexeddb'
import { expect, it } from 'vitest'
import { contents } from './database-kit.ts'
import { faultSuite } from './faults.ts'
import { messagesOf, numbered, recordAt, storeSuite } from './suite.ts'

let databases = 0

storeSuite({
  name: 'chromium',
  capabilities: { survives: true },
  async start() {
    const name = `suite-${databases++}-${crypto.randomUUID()}`
    const stores: Store[] = []
    return {
      open() {
        const store = indexedDb({ name, maxMessages: 10 })
        stores.push(store)
        return store
      },
      stop: async () => {
        await Promise.all(stores.map((store) => store.close()))
      },
    }
  },
})

faultSuite('chromium')

interface Page {
  readonly events: readonly string[]
  commit(seq: number): Promise<void>
}

/** A page of its own with a store on `name`, as a frame that can be taken away at any moment. */
async function openPage(name: string): Promise<{ page: Page; end: () => void }> {
  const frame = document.createElement('iframe')
  const entry = new URL('../../../core/src/stores/indexeddb.ts', import.meta.url).href
  const ready = new Promise<Page>((resolve) => Object.assign(globalThis, { pageReady: resolve }))
  // The runner rewrites dynamic imports to go through an object that only its own page has.
  frame.srcdoc = `<script>__vitest_browser_runner__ = { wrapDynamicImport: (load) => load() }</script>
  <script type="module">
    import { indexedDb } from '${entry}'
    const store = indexedDb({ name: '${name}' })
    const events = []
    store.subscribe(({ type, cause }) => events.push(type + ': ' + cause))
    await store.open('ada')
    await store.load('room')
    const offset = (seq) => String(seq).padStart(16, '0') + '_000001aaaaaaaaaaaaa'
    parent.pageReady({
      events,
      commit: (seq) => store.commit('room', { positions: [offset(seq)], told: [] },
        [{ item: { id: 'm' + seq, time: seq, data: seq }, offset: offset(seq) }]),
    })
  </script>`
  document.body.append(frame)
  return { page: await ready, end: () => frame.remove() }
}

it('W1 (chromium): a page that goes away in the middle of its commits loses none that it had begun', async () => {
  const name = `page-${crypto.randomUUID()}`
  let seq = 0
  for (let life = 0; life < 10; life++) {
    const { page, end } = await openPage(name)
    expect(page.events).toEqual([])
    for (let n = 0; n < life; n++) await page.commit(++seq)
    page.commit(++seq)
    end()
    const rows = (await contents(name, 'commits')) as {
      record: unknown
      messages: ReturnType<typeof messagesOf>
    }[]
    for (const { record, messages } of rows)
      expect(record).toEqual({ positions: [messages.at(-1)?.offset], told: [] })
    expect(rows.at(-1)?.record).toEqual(recordAt(seq))
  }
  const store = indexedDb({ name })
  await store.open('ada')
  expect((await store.load('room'))?.messages.map(({ item }) => item.id)).toEqual(numbered(1, seq))
  await store.close()
})

it('writes at least 20,000 messages a second in commits of 100, each awaited', async () => {
  const store = indexedDb({ name: `speed-${crypto.randomUUID()}` })
  await store.open('ada')
  await store.load('room')
  const count = 20_000
  const begun = performance.now()
  for (let seq = 1; seq <= count; seq += 100)
    await store.commit('room', recordAt(seq + 99), messagesOf(seq, seq + 99))
  const perSecond = (count / (performance.now() - begun)) * 1_000
  await store.close()
  expect(perSecond).toBeGreaterThan(20_000)
})
