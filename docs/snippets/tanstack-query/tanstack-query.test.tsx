// @vitest-environment happy-dom
import { onlineManager, QueryClient, QueryObserver } from '@tanstack/react-query'
import { describe, expect, it, vi } from 'vitest'
import { inReact } from '../kit/react.tsx'
import { atEnd, passing, RECONNECT_MS, setStage } from '../kit/stage.ts'
import { App, client as appClient } from './app.tsx'
import { bind, bindBeforeFetching, bindOrders } from './bind.ts'

const stage = setStage()

/** A query client, and how often each key was fetched. */
async function queries(...keys: string[][]) {
  const queryClient = new QueryClient({ defaultOptions: { queries: { gcTime: Number.POSITIVE_INFINITY } } })
  const fetches: Record<string, number> = {}
  for (const queryKey of keys) {
    const name = queryKey.join(' ')
    const queryFn = (): number => {
      fetches[name] = (fetches[name] ?? 0) + 1
      return fetches[name]
    }
    await queryClient.prefetchQuery({ queryKey, queryFn })
    atEnd(new QueryObserver(queryClient, { queryKey, queryFn }).subscribe(() => undefined))
  }
  await passing()
  for (const name of Object.keys(fetches)) fetches[name] = 0
  return { queryClient, fetches }
}

describe('TanStack Query', () => {
  it('fetches again what a message is about, once for many messages', async () => {
    const hub = stage.hub()
    const { queryClient, fetches } = await queries(['products', 'all'], ['customers'])
    const unbind = bind(stage.client(), queryClient)
    atEnd(unbind)
    await passing()
    for (let n = 0; n < 10; n++) await hub.publish('products', 'changed', n)
    await passing(200)
    expect(fetches).toEqual({ 'products all': 1, customers: 0 })
    unbind()
    await hub.publish('products', 'changed', 11)
    await passing(200)
    expect(fetches['products all']).toBe(1)
  })

  it('fetches what a function names, and at a gap what onGap says', async () => {
    const hub = stage.hub({ channels: { orders: { retention: { maxEntries: 1 } } } })
    const { queryClient, fetches } = await queries(
      ['orders', 'list'],
      ['orders', 'detail', '7'],
      ['orders', 'detail', '8'],
      ['customers'],
    )
    atEnd(bindOrders(stage.client(), queryClient))
    await passing()
    await hub.publish('orders', 'changed', { id: '7' })
    await passing(200)
    expect(fetches).toEqual({ 'orders list': 1, 'orders detail 7': 1, 'orders detail 8': 0, customers: 0 })
    stage.network.cut()
    for (const id of ['8', '9', '10']) await hub.publish('orders', 'changed', { id })
    await passing(RECONNECT_MS)
    expect(fetches).toMatchObject({ 'orders detail 8': 1, customers: 0 })
  })

  it('waits while there is no connection', async () => {
    stage.hub()
    const { queryClient } = await queries(['products'])
    const unbind = bind(stage.client(), queryClient)
    atEnd(unbind)
    await passing()
    expect(onlineManager.isOnline()).toBe(true)
    stage.network.hub = null
    stage.network.cut()
    await passing()
    expect(onlineManager.isOnline()).toBe(false)
    unbind()
    expect(onlineManager.isOnline()).toBe(true)
  })

  it('misses nothing from ready on', async () => {
    stage.hub()
    const { queryClient, fetches } = await queries(['products'])
    const [unbind] = await Promise.all([bindBeforeFetching(stage.client(), queryClient), passing()])
    atEnd(unbind)
    await passing(200)
    expect(fetches).toEqual({ products: 1 })
  })

  it('shows in React what is true now', async () => {
    const hub = stage.hub()
    let products = ['apples']
    vi.stubGlobal('fetch', async () => ({ json: async () => products }))
    const { text, settle, does } = await inReact(<App />)
    atEnd(() => does(() => appClient.close()))
    await settle()
    expect(text()).toBe('apples')
    products = ['apples', 'pears']
    await does(() => hub.publish('products', 'changed', null))
    await settle(200)
    expect(text()).toBe('apples, pears')
  })
})
