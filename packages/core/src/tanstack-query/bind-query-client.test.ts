import { onlineManager, QueryClient, QueryObserver } from '@tanstack/query-core'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Message } from '../channel/message.ts'
import { createClient } from '../client.ts'
import { createFakeTransport } from '../testing/fake-transport.ts'
import { scriptedPeer } from '../testing/scripted-peer.ts'
import { createVirtualClock } from '../testing/virtual-clock.ts'
import { bindQueryClient, type OnlineManager, type QueryKeys } from './index.ts'
import { createScene } from './scene.test-kit.ts'

const count = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
const isEven = (data: unknown): boolean => Number(data) % 2 === 0
const idOf = (message: Message): QueryKeys => ['item', (message.data as { id: unknown }).id]

/** The library does not export the class. */
const newManager = () => new (onlineManager.constructor as new () => OnlineManager)()

/** Longer than the longest first reconnect. */
const RECONNECT_MS = 4_000

describe('messages', () => {
  it('invalidate once a key, however many come together', async () => {
    const scene = createScene()
    scene.bind({ channels: { a: ['a'], b: [['b'], ['c', { x: 1, y: 2 }]] }, onlineManager: false })
    const [a, c, other] = [scene.show(['a', 1]), scene.show(['c', { y: 2, x: 1 }]), scene.show(['d'])]
    await scene.clock.advance(1_000)
    scene.publish('a', ...count(250))
    await scene.clock.advance(50)
    for (const n of count(250)) scene.publish(n % 2 === 0 ? 'a' : 'b', n)
    await scene.clock.advance(49)
    expect(scene.invalidated).toEqual([])
    await scene.clock.advance(10_000)
    expect(scene.invalidated).toEqual([['a'], ['b'], ['c', { x: 1, y: 2 }]])
    expect([a.fetches, c.fetches, other.fetches]).toEqual([2, 2, 1])
    expect(scene.timers).toBe(0)
  })

  it('that flow without a pause invalidate once every wait', async () => {
    const scene = createScene()
    scene.bind({ channels: { a: ['a'] }, waitMs: 200, onlineManager: false })
    const a = scene.show(['a'])
    await scene.clock.advance(1_000)
    for (const n of count(200)) {
      scene.publish('a', n)
      await scene.clock.advance(10)
    }
    // 2 s are ten windows.
    expect(scene.invalidated).toHaveLength(10)
    expect(a.fetches).toBe(1 + 10)
    expect(a.asOf).toBe(scene.clock.now())
  })

  it('let a fetch that takes longer than the wait come to its end, and end with a later one', async () => {
    const scene = createScene()
    scene.bind({ channels: { a: ['a'] }, onlineManager: false })
    const a = scene.show(['a'], 350)
    await scene.clock.advance(1_000)
    const seen = new Set<unknown>()
    let last = 0
    for (const n of count(300)) {
      scene.publish('a', n)
      last = scene.clock.now()
      await scene.clock.advance(10)
      seen.add(a.asOf)
    }
    // 3 s, each fetch 350 ms and a wait of up to 100 ms between them.
    expect(seen.size).toBeGreaterThanOrEqual(6)
    await scene.clock.advance(10_000)
    expect(a.asOf).toBeGreaterThanOrEqual(last)
    expect(a.fetchStatus).toBe('idle')
    expect(scene.timers).toBe(0)
  })

  it('that come while a query loads for the first time have it loaded again, and only that', async () => {
    const scene = createScene()
    scene.bind({ channels: { list: ['list'] }, onlineManager: false })
    const settled = scene.show(['list', 1])
    await scene.clock.advance(1_000)
    const loading = scene.show(['list'], 500)
    scene.publish('list', 'x')
    const sent = scene.clock.now()
    await scene.clock.advance(10_000)
    expect(loading.asOf).toBeGreaterThan(sent)
    expect([settled.fetches, loading.fetches]).toEqual([2, 2])
  })

  it('that name a key and one that begins with it fetch a query of both once', async () => {
    const scene = createScene()
    scene.bind({ channels: { a: [['a'], ['a', 1]] }, onlineManager: false })
    const a = scene.show(['a', 1], 10)
    await scene.clock.advance(1_000)
    scene.publish('a', 'x')
    await scene.clock.advance(10_000)
    expect(a.fetches).toBe(2)
  })

  it('mark queries that nobody shows, and leave their fetches alone', async () => {
    const scene = createScene()
    scene.bind({ channels: { a: ['a'] }, onlineManager: false })
    const a = scene.show(['a', 1])
    await scene.clock.advance(1_000)
    const queryFn = () => new Promise<number>((resolve) => scene.clock.after(500, () => resolve(1)))
    void scene.queryClient.prefetchQuery({ queryKey: ['a', 2], queryFn })
    scene.publish('a', 'x')
    await scene.clock.advance(10_000)
    expect(scene.queryClient.getQueryState(['a', 2])).toMatchObject({ data: 1, isInvalidated: true })
    expect([a.fetches, scene.invalidated]).toEqual([2, [['a'], ['a', 2]]])
  })

  it('forget a query that is removed while it is fetched', async () => {
    const scene = createScene()
    const unbind = scene.bind({ channels: { a: ['a'] }, onlineManager: false })
    await scene.clock.advance(1_000)
    const queryFn = () => new Promise<number>((resolve) => scene.clock.after(500, () => resolve(1)))
    scene.queryClient.prefetchQuery({ queryKey: ['a'], queryFn }).catch(() => undefined)
    scene.publish('a', 'x')
    await scene.clock.advance(200)
    scene.queryClient.clear()
    await scene.clock.advance(10_000)
    unbind()
    expect(vi.mocked(scene.queryClient.invalidateQueries)).toHaveBeenCalledTimes(1)
  })

  it('are asked for their keys where a function says them', async () => {
    const scene = createScene()
    const keys = ({ data }: Message): QueryKeys | null => {
      if (data === 'nothing') return null
      return data === 'none'
        ? []
        : [
            ['list', isEven(data) ? { x: 1, y: 2 } : { y: 2, x: 1 }],
            ['item', data],
          ]
    }
    scene.bind({ channels: { items: keys }, onlineManager: false })
    const items = count(3).map((id) => scene.show(['item', id]))
    await scene.clock.advance(1_000)
    scene.publish('items', 'nothing', 'none')
    await scene.clock.advance(1_000)
    expect(scene.invalidated).toEqual([])
    scene.publish('items', 0, 1, 0)
    await scene.clock.advance(1_000)
    expect(scene.invalidated).toEqual([
      ['list', { x: 1, y: 2 }],
      ['item', 0],
      ['item', 1],
    ])
    expect(items.map(({ fetches }) => fetches)).toEqual([2, 2, 1])
  })

  it('take keys of arrays, as tRPC has them, in a list', async () => {
    const scene = createScene()
    scene.bind({ channels: { posts: [[['post', 'byId']]] }, onlineManager: false })
    const post = scene.show([['post', 'byId'], { input: 1 }])
    await scene.clock.advance(1_000)
    scene.publish('posts', 1)
    await scene.clock.advance(1_000)
    expect(post.fetches).toBe(2)
  })

  it('whose function throws, or gives a key that cannot be hashed, take nothing from the others', async () => {
    const uncaught = vi.fn()
    process.on('uncaughtException', uncaught)
    onTestFinished(() => void process.off('uncaughtException', uncaught))
    const scene = createScene()
    scene.bind({ channels: { items: idOf }, onlineManager: false })
    await scene.clock.advance(1_000)
    scene.publish('items', { id: 1 }, null, { id: 2 })
    await scene.clock.advance(1_000)
    expect(scene.invalidated).toEqual([
      ['item', 1],
      ['item', 2],
    ])
    expect(uncaught).toHaveBeenCalledTimes(1)
    scene.bind({ channels: { items: () => [['fine'], ['item', 1n]] }, onlineManager: false })
    scene.publish('items', { id: 3 })
    await scene.clock.advance(1_000)
    expect(uncaught).toHaveBeenCalledTimes(2)
    expect(scene.invalidated.slice(2)).toEqual([['item', 3]])
  })

  it('invalidate the others though an option of one query throws', async () => {
    const scene = createScene()
    scene.bind({ channels: { a: [['a'], ['b']] }, onlineManager: false })
    await scene.clock.advance(1_000)
    let isBroken = false
    const enabled = (): boolean => {
      if (isBroken) throw new Error('mine')
      return true
    }
    const observer = new QueryObserver(scene.queryClient, { queryKey: ['a'], queryFn: () => 1, enabled })
    onTestFinished(observer.subscribe(() => undefined))
    isBroken = true
    scene.publish('a', 'x')
    await expect(scene.clock.advance(1_000)).rejects.toThrow('mine')
    await scene.clock.advance(1_000)
    expect(scene.invalidated).toEqual([['a'], ['b']])
  })
})

describe('missing messages', () => {
  it('that come when the connection is back are as any others', async () => {
    const scene = createScene()
    scene.bind({ channels: { a: ['a'] }, onlineManager: false })
    const a = scene.show(['a'])
    await scene.clock.advance(1_000)
    scene.cut()
    scene.publish('a', 1, 2, 3)
    scene.restore()
    await scene.clock.advance(RECONNECT_MS)
    expect(scene.invalidated).toEqual([['a']])
    expect(a.fetches).toBe(2)
    scene.cut()
    scene.restore()
    await scene.clock.advance(RECONNECT_MS)
    expect(scene.isSubscribed('a')).toBe(true)
    expect(scene.invalidated).toHaveLength(1)
  })

  async function withGap(options: Pick<Parameters<ReturnType<typeof createScene>['bind']>[0], 'onGap'>) {
    const scene = createScene()
    scene.bind({ channels: { a: ['a'], items: idOf }, ...options, onlineManager: false })
    const shown = { a: scene.show(['a']), item: scene.show(['item', 7]), other: scene.show(['other']) }
    await scene.clock.advance(1_000)
    const lose = async (channel: string) => {
      scene.invalidated.length = 0
      scene.cut()
      scene.publish(channel, { id: 7 })
      scene.trim(channel)
      scene.restore()
      await scene.clock.advance(RECONNECT_MS)
      const fetches = [shown.a.fetches, shown.item.fetches, shown.other.fetches]
      return { invalidated: [...scene.invalidated], fetches }
    }
    return { scene, lose }
  }

  it('invalidate the keys of their channel', async () => {
    const onGap = vi.fn(() => ['not asked'])
    const { lose } = await withGap({ onGap })
    expect(await lose('a')).toEqual({ invalidated: [['a']], fetches: [2, 1, 1] })
    expect(onGap).not.toHaveBeenCalled()
  })

  it('invalidate what onGap says where a function says the keys', async () => {
    const onGap = vi.fn(() => [['item'], ['list']])
    const { lose } = await withGap({ onGap })
    expect(await lose('items')).toEqual({ invalidated: [['item'], ['list']], fetches: [1, 2, 1] })
    expect(onGap.mock.calls).toMatchObject([[{ channel: 'items', reason: 'retention', from: 1, to: 1 }]])
    onGap.mockReturnValue(null as never)
    expect(await lose('items')).toEqual({ invalidated: [], fetches: [1, 2, 1] })
  })

  it('invalidate every query where nothing says which', async () => {
    const { lose } = await withGap({})
    expect(await lose('items')).toEqual({ invalidated: [[]], fetches: [2, 2, 2] })
  })

  it('count for an entry that cannot be read, of which nothing else is known', async () => {
    const { scene } = await withGap({ onGap: () => null })
    scene.spoil('a')
    await scene.clock.advance(1_000)
    scene.spoil('items')
    await scene.clock.advance(1_000)
    expect(scene.invalidated).toEqual([['a'], []])
  })
})

describe('bindQueryClient', () => {
  it('ends with no timer, no subscription and nothing waiting', async () => {
    const scene = createScene()
    const unbind = scene.bind({ channels: { a: ['a'], b: ['b'] } })
    const [a, slow] = [scene.show(['a']), scene.show(['b'], 500)]
    await scene.clock.advance(1_000)
    expect([scene.isSubscribed('a'), scene.isSubscribed('b')]).toEqual([true, true])
    scene.publish('b', 'x')
    await scene.clock.advance(200)
    scene.publish('b', 'y')
    await scene.clock.advance(150)
    scene.publish('a', 'x')
    await scene.clock.advance(0)
    // One was overtaken by a message while it was fetched; the other waits for the end of the window.
    expect([slow.fetchStatus, slow.fetches, a.fetches, scene.timers]).toEqual(['fetching', 2, 1, 1])
    const listeners = scene.queryClient.getQueryCache().hasListeners()
    unbind()
    const end = scene.clock.now()
    expect(scene.timers).toBe(0)
    expect([listeners, scene.queryClient.getQueryCache().hasListeners()]).toEqual([true, false])
    unbind()
    scene.publish('a', 'later')
    await scene.clock.advance(10_000)
    expect([scene.isSubscribed('a'), scene.isSubscribed('b')]).toEqual([false, false])
    expect([a.asOf, slow.asOf, a.fetches, slow.fetches]).toEqual([end, end, 2, 3])
    await scene.client.close()
    await scene.clock.advance(0)
    expect(scene.clock.pending).toBe(0)
  })

  it('binds nothing where a name or an option is at fault', async () => {
    const scene = createScene()
    const bad = 'x'.repeat(1_000)
    expect(() => scene.bind({ channels: { a: ['a'], [bad]: ['b'] } })).toThrow(
      expect.objectContaining({ code: 'bad_channel' }),
    )
    for (const waitMs of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => scene.bind({ channels: { a: ['a'] }, waitMs })).toThrow(
        expect.objectContaining({ code: 'bad_config' }),
      )
    await scene.clock.advance(10_000)
    expect([scene.isSubscribed('a'), scene.timers, onlineManager.isOnline()]).toEqual([false, 0, true])
    expect(scene.queryClient.getQueryCache().hasListeners()).toBe(false)
  })

  it('is ready when every channel is subscribed, or says which error the first has', async () => {
    const scene = createScene()
    let isReady = false
    const unbind = scene.bind({ channels: { a: ['a'], b: ['b'] }, onlineManager: false })
    void unbind.ready.then(() => {
      isReady = true
    })
    expect(isReady).toBe(false)
    await scene.clock.advance(100)
    expect(isReady).toBe(true)
    scene.forbidden.add('c')
    const refused = scene.bind({ channels: { a: ['a'], c: ['c'] }, onlineManager: false })
    await scene.clock.advance(100)
    await expect(refused.ready).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('waits 100 ms on the platform’s clock by default', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const scene = createScene()
    const { client, queryClient } = scene
    onTestFinished(bindQueryClient(client, queryClient, { channels: { a: ['a'] }, onlineManager: false }))
    await scene.clock.advance(1_000)
    scene.publish('a', 'x')
    await scene.clock.advance(0)
    vi.advanceTimersByTime(99)
    expect(scene.invalidated).toEqual([])
    vi.advanceTimersByTime(1)
    expect(scene.invalidated).toEqual([['a']])
  })
})

describe('the online manager', () => {
  it('follows the connection', async () => {
    const scene = createScene()
    scene.bind({ channels: { a: ['a'] } })
    await scene.clock.advance(1_000)
    const seen: Record<string, Set<boolean>> = {}
    scene.client.status$.subscribe(({ status }) => {
      seen[status] ??= new Set()
      seen[status].add(onlineManager.isOnline())
    })
    scene.cut()
    await scene.clock.advance(RECONNECT_MS)
    scene.restore()
    await scene.clock.advance(120_000)
    scene.client.disconnect()
    const [online, offline] = [new Set([true]), new Set([false])]
    expect(seen).toEqual({ CONNECTING: offline, ONLINE: online, AWAY: online, OFFLINE: offline })
  })

  it('stays as it is before the client was connected once', async () => {
    const scene = createScene()
    scene.bind({ channels: {} })
    const own = newManager()
    scene.bind({ channels: {}, onlineManager: own })()
    const a = scene.show(['a'], 10)
    await scene.clock.advance(1_000)
    expect(scene.client.status$.value).toMatchObject({ status: 'OFFLINE', reason: 'initial' })
    expect([onlineManager.isOnline(), a.fetches, a.fetchStatus]).toEqual([true, 1, 'idle'])
    scene.client.connect()
    const b = scene.show(['b'])
    expect(scene.client.status).toBe('CONNECTING')
    expect([onlineManager.isOnline(), b.fetches, b.fetchStatus]).toEqual([true, 1, 'fetching'])
    expect([own.isOnline(), own.hasListeners()]).toEqual([true, false])
    await scene.clock.advance(1_000)
    expect([onlineManager.isOnline(), b.fetches, b.fetchStatus]).toEqual([true, 1, 'idle'])
  })

  it('pauses what is invalidated while there is no connection, until it is back', async () => {
    const scene = createScene()
    scene.bind({ channels: { a: ['a'] } })
    const a = scene.show(['a'])
    await scene.clock.advance(1_000)
    scene.publish('a', 'x')
    await scene.clock.advance(50)
    scene.cut()
    await scene.clock.advance(RECONNECT_MS)
    expect([a.fetches, a.fetchStatus]).toEqual([1, 'paused'])
    const shownLater = scene.show(['b'])
    expect(shownLater.fetchStatus).toBe('paused')
    scene.restore()
    await scene.clock.advance(60_000)
    expect([a.fetches, a.fetchStatus]).toEqual([2, 'idle'])
    expect([shownLater.fetches, shownLater.fetchStatus]).toEqual([1, 'idle'])
  })

  it('may be left out, or be another', async () => {
    const scene = createScene()
    const own = newManager()
    const unbind = scene.bind({ channels: { a: ['a'] }, onlineManager: own })
    scene.bind({ channels: { a: ['a'] }, onlineManager: false })
    await scene.clock.advance(1_000)
    expect([onlineManager.isOnline(), own.isOnline()]).toEqual([true, true])
    scene.cut()
    expect([onlineManager.isOnline(), own.isOnline()]).toEqual([true, false])
    unbind()
    expect([onlineManager.isOnline(), own.isOnline(), own.hasListeners()]).toEqual([true, true, false])
  })

  it('goes on following when the last query client unmounts', async () => {
    const scene = createScene()
    scene.bind({ channels: { a: ['a'] } })
    await scene.clock.advance(1_000)
    scene.queryClient.unmount()
    onTestFinished(() => scene.queryClient.mount())
    scene.cut()
    expect(onlineManager.isOnline()).toBe(false)
    scene.restore()
    await scene.clock.advance(120_000)
    expect(onlineManager.isOnline()).toBe(true)
  })

  it('listens to the platform again when unbound, and not before', async () => {
    const page = new EventTarget()
    vi.stubGlobal('window', page)
    vi.stubGlobal('document', new EventTarget())
    onTestFinished(() => void vi.unstubAllGlobals())
    const own = newManager()
    onTestFinished(own.subscribe(() => undefined))
    const tell = (type: string): boolean => {
      page.dispatchEvent(new Event(type))
      return own.isOnline()
    }
    const scene = createScene()
    const unbind = scene.bind({ channels: { a: ['a'] }, onlineManager: own })
    await scene.clock.advance(1_000)
    expect([tell('offline'), tell('online')]).toEqual([true, true])
    scene.client.disconnect()
    expect([own.isOnline(), tell('online')]).toEqual([false, false])
    unbind()
    expect(own.isOnline()).toBe(true)
    expect([tell('offline'), tell('online'), tell('focus')]).toEqual([false, true, true])
    scene.client.connect()
    await scene.clock.advance(1_000)
    scene.client.disconnect()
    expect(own.isOnline()).toBe(true)
  })

  it('is as the platform says when unbound without a network', async () => {
    vi.stubGlobal('window', new EventTarget())
    vi.stubGlobal('document', new EventTarget())
    vi.stubGlobal('navigator', { onLine: false })
    onTestFinished(() => void vi.unstubAllGlobals())
    const own = newManager()
    const scene = createScene()
    const unbind = scene.bind({ channels: { a: ['a'] }, onlineManager: own })
    await scene.clock.advance(1_000)
    expect(own.isOnline()).toBe(true)
    unbind()
    expect(own.isOnline()).toBe(false)
  })

  it('stays with whoever has taken it over since', async () => {
    const own = newManager()
    const scene = createScene()
    const first = scene.bind({ channels: { a: ['a'] }, onlineManager: own })
    await scene.clock.advance(1_000)
    const clock = createVirtualClock()
    const transport = createFakeTransport({ clock, onLink: scriptedPeer() })
    const another = createClient({ transports: [transport], clock })
    const second = bindQueryClient(another, new QueryClient(), {
      channels: {},
      onlineManager: own,
    })
    another.connect()
    await clock.advance(1_000)
    another.disconnect()
    expect(own.isOnline()).toBe(false)
    first()
    expect(own.isOnline()).toBe(false)
    second()
    expect([own.isOnline(), own.hasListeners()]).toEqual([true, false])
    await another.close()
  })
})
