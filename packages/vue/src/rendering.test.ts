import type { From, Message, MessageHandler } from '@holdfast/core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  defineComponent,
  h,
  isReactive,
  KeepAlive,
  reactive,
  ref,
  Suspense,
  shallowRef,
  type VNode,
  watchEffect,
} from 'vue'
import {
  Channel,
  type UseMessages,
  useChannel,
  useConnectionStatus,
  useMessages,
  usePublish,
} from './index.ts'
import { apps, mount, mountUse, stage, unmount } from './scene.test-kit.ts'

afterEach(() => {
  for (const app of apps) unmount(app)
  vi.restoreAllMocks()
})

describe('@holdfast/vue', () => {
  it('takes refs and getters as names and events, and follows them; the same value again changes nothing', async () => {
    const { server, client, settle } = stage()
    const seen: unknown[] = []
    const handler = shallowRef<MessageHandler>(() => seen.push('an old handler'))
    const [id, event, count] = [shallowRef('1'), shallowRef('note'), shallowRef(0)]
    const name = shallowRef<string | null>('list:1')
    await mount(client, {
      setup() {
        // Both depend on what changes without changing them.
        const room = (): string | null => (count.value < 9 ? `room:${id.value}` : null)
        useChannel(room, () => (count.value < 9 ? event.value : undefined), handler)
        const { messages } = useMessages(name, { from: 'earliest' })
        return () => messages.value.length
      },
    })
    await settle()
    const subscribe = vi.spyOn(client.channel('room:1'), 'subscribe')
    count.value++
    handler.value = ({ data }) => seen.push(data)
    await settle()
    expect(subscribe).not.toHaveBeenCalled()
    server.publish('room:1', 'first', 'note')
    await settle()
    id.value = '2'
    name.value = 'list:2'
    await settle()
    event.value = 'other'
    await settle()
    server.publish('room:2', 'a note', 'note')
    server.publish('room:2', 'another', 'other')
    await settle()
    expect(seen).toEqual(['first', 'another'])
    count.value = 9
    name.value = null
    await settle(3_000)
    expect(server.commands).toEqual([
      'subscribe room:1',
      'subscribe list:1',
      'subscribe room:2',
      'subscribe list:2',
      'unsubscribe room:1',
      'unsubscribe list:1',
      'unsubscribe room:2',
      'unsubscribe list:2',
    ])
  })

  it('another name shows in the same moment, before the page is rendered', async () => {
    const { server, client, settle } = stage()
    const name = shallowRef('a')
    server.publish('a', 1)
    let list: UseMessages | undefined
    await mount(client, {
      setup() {
        list = useMessages(name, { from: 'earliest' })
        return () => null
      },
    })
    await settle()
    expect(list?.messages.value).toHaveLength(1)
    name.value = 'b'
    expect(list?.messages.value).toEqual([])
    expect(list?.status.value).toEqual({ status: 'idle' })
  })

  it('a limit that changes counts from the next message on, and makes no other list', async () => {
    const { server, client, settle } = stage()
    const options = reactive<{ limit: number; from: From }>({ limit: 3, from: 'earliest' })
    for (const each of [1, 2, 3]) server.publish('room', each)
    const view = await mountUse(client, (name) => useMessages(name, options), 'room')
    await settle()
    options.limit = 2
    await settle()
    expect(view.shown.messages).toHaveLength(3)
    server.publish('room', 4)
    await settle()
    expect(view.shown.messages.map(({ data }) => data)).toEqual([3, 4])
    expect(server.commands).toEqual(['subscribe room'])
  })

  it('holds the very objects that the client gave, without proxies', async () => {
    const { server, client, settle } = stage()
    const given: Message[] = []
    server.publish('room', { text: 'one' })
    const reader = server.client().channel('room')
    reader.subscribe({ from: 'earliest' }, (message) => given.push(message))
    await settle()
    const kept = ref(given)
    const view = await mountUse(client, (name) => useMessages(name, { initialMessages: kept.value }), 'room')
    expect(view.shown.messages[0]).toBe(given[0])
    await settle()
    server.publish('room', { text: 'two' })
    await settle()
    for (const message of view.shown.messages)
      expect([isReactive(message), isReactive(message.data)]).toEqual([false, false])
    const channels = await mountUse(client, (name) => useChannel(name), 'room')
    const store = reactive({ channel: channels.shown.channel, client })
    expect(() => store.channel?.subscribe(() => undefined)()).not.toThrow()
    expect(store.client.isConnected).toBe(true)
  })

  it('<Channel> takes all options of a subscription, and those of the latest render count', async () => {
    const { server, client, settle } = stage()
    const seen: string[] = []
    const word = shallowRef('old')
    for (const each of [1, 2, 3]) server.publish('room', each, each === 3 ? 'last' : 'other')
    await mount(client, () => {
      const tell = word.value
      return h(Channel, {
        channel: 'room',
        event: 'last',
        from: 'earliest',
        handler: ({ data }) => seen.push(`${tell} ${data}`),
        onGap: ({ to }) => seen.push(`${tell} gap to ${to}`),
      })
    })
    server.trim('room', 2)
    word.value = 'new'
    await settle()
    expect(seen).toEqual(['new gap to 2', 'new 3'])
  })

  it('an effect that publishes does so once, and again for what it depends on alone', async () => {
    const { server, client, settle } = stage()
    const text = shallowRef('a')
    await mount(client, {
      setup() {
        const { publish, isPending } = usePublish('room')
        watchEffect(() => void publish('message', text.value))
        return () => isPending.value
      },
    })
    await settle()
    text.value = 'b'
    await settle()
    await settle()
    const published = server.frames.flatMap((frame) => (frame.type === 'publish' ? frame.messages : []))
    expect(published.map(({ data }) => data)).toEqual(['a', 'b'])
  })

  it('publishes under the name of the moment, shows what became of that, and retries where it was', async () => {
    const { server, client, settle } = stage()
    const name = shallowRef('a')
    const view = await mountUse(client, () => usePublish(name), undefined)
    server.publishes = 'forbidden'
    view.shown.publish('message', 'to a')
    await settle()
    const { retry, error } = view.shown
    expect(error).toMatchObject({ code: 'forbidden' })
    server.publishes = 'held'
    name.value = 'b'
    view.shown.publish('message', 'to b')
    retry?.()
    await settle()
    expect(view.shown).toMatchObject({ isPending: true, error: null, retry: null })
    server.answer()
    await settle()
    expect(view.shown).toMatchObject({ isPending: false, error: null, retry: null })
    const published = server.frames.filter((frame) => frame.type === 'publish')
    expect(published.map(({ channel }) => channel)).toEqual(['a', 'b', 'a'])
  })

  it("all refs of the connection's state can be taken apart", async () => {
    const { client, settle } = stage()
    const view = await mountUse(client, () => ({ ...useConnectionStatus() }), undefined)
    client.connect()
    await settle()
    expect(view.shown).toEqual({
      status: 'ONLINE',
      previous: 'CONNECTING',
      reason: 'connected',
      retryAt: null,
      error: null,
      isConnected: true,
    })
  })

  it('<Suspense>: what waits subscribes when it is shown, and never if it is given up', async () => {
    const { server, client, settle } = stage()
    const isShown = shallowRef(true)
    const waits: (() => void)[] = []
    const Room = defineComponent(
      async ({ name }: { name: string }) => {
        useChannel(name)
        useMessages(name)
        await new Promise<void>((resolve) => waits.push(resolve))
        return () => null
      },
      { props: ['name'] },
    )
    const part = (name: string): VNode => h(Suspense, null, { default: () => h(Room, { name }) })
    await mount(client, () => [part('kept'), isShown.value ? part('given up') : null])
    await settle()
    expect(server.transport.links).toHaveLength(0)
    isShown.value = false
    await settle()
    for (const resolve of waits) resolve()
    await settle()
    await settle()
    expect(server.commands).toEqual(['subscribe kept'])
  })

  it('<KeepAlive>: what is kept stays subscribed, and its handler is called', async () => {
    const { server, client, settle } = stage()
    const heard: unknown[] = []
    const isShown = shallowRef(true)
    let list: UseMessages | undefined
    const Room = {
      setup() {
        useChannel('room', undefined, ({ data }) => heard.push(data))
        list = useMessages('room')
        return () => null
      },
    }
    const app = await mount(client, () => h(KeepAlive, () => (isShown.value ? h(Room) : null)))
    await settle()
    isShown.value = false
    await settle(3_000)
    server.publish('room', 'meanwhile')
    await settle()
    expect(heard).toEqual(['meanwhile'])
    expect(list?.messages.value).toHaveLength(1)
    expect(server.commands).toEqual(['subscribe room'])
    isShown.value = true
    await settle()
    unmount(app)
    await settle(3_000)
    expect(server.commands).toEqual(['subscribe room', 'unsubscribe room'])
  })
})
