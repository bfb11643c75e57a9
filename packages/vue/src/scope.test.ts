/** Composables outside of components: in scopes of their own and in Pinia's stores. */
import { createPinia, defineStore } from 'pinia'
import { afterEach, describe, expect, it } from 'vitest'
import { type Component, createApp, effectScope, onMounted, shallowRef } from 'vue'
import { useChannel, useConnectionStatus, useHoldfast, useMessages, usePublish } from './index.ts'
import { appOf, apps, stage as plainStage, show, unmount } from './scene.test-kit.ts'

afterEach(() => {
  for (const app of apps) unmount(app)
})

const useRoom = defineStore('room', () => {
  const heard = shallowRef<unknown[]>([])
  const { channel, status } = useChannel('room', undefined, ({ data }) => {
    heard.value = [...heard.value, data]
  })
  const { messages, isLoading } = useMessages('room')
  const { publish, isPending, error, retry } = usePublish('room')
  const { isConnected } = useConnectionStatus()
  return { heard, channel, status, messages, isLoading, publish, isPending, error, retry, isConnected }
})

function stage(component: Component = () => null) {
  const made = plainStage()
  const pinia = createPinia()
  return { ...made, pinia, app: appOf(made.client, component).use(pinia) }
}

describe('an effectScope()', () => {
  it('subscribes at once, without a mounted app, until it is stopped', async () => {
    const { server, client, settle, app } = stage()
    const scope = effectScope()
    const seen: unknown[] = []
    const room = app.runWithContext(() =>
      scope.run(() => ({
        ...useChannel('room', undefined, ({ data }) => seen.push(data)),
        ...useMessages('room'),
      })),
    )
    expect(client.channel('room').status$.value).toEqual({ status: 'subscribing' })
    await settle()
    server.publish('room', 'hello')
    await settle()
    expect(seen).toEqual(['hello'])
    expect(room?.messages.value).toMatchObject([{ data: 'hello' }])
    expect(room?.status.value).toMatchObject({ status: 'subscribed' })
    scope.stop()
    server.publish('room', 'too late')
    await settle(3_000)
    expect(seen).toEqual(['hello'])
    // Nothing watches the channel any more, so that this is what was shown last.
    expect(room?.status.value).toMatchObject({ status: 'subscribed' })
    expect(server.commands).toEqual(['subscribe room', 'unsubscribe room'])
  })

  it('inside a component ends before it', async () => {
    const { server, client, settle } = stage()
    const scope = effectScope()
    const app = appOf(client, {
      setup() {
        scope.run(() => useChannel('room'))
        return () => null
      },
    })
    await show(app)
    await settle()
    scope.stop()
    await settle(3_000)
    expect(server.commands).toEqual(['subscribe room', 'unsubscribe room'])
  })
})

describe('a Pinia store', () => {
  it('used outside of components subscribes, shows and publishes until it is disposed', async () => {
    const { server, settle, pinia } = stage()
    const room = useRoom(pinia)
    await settle()
    expect(room.status).toMatchObject({ status: 'subscribed' })
    expect(room.isConnected).toBe(true)
    const result = await new Promise((resolve) => {
      room.publish('message', 'mine').then(resolve)
      expect(room.isPending).toBe(true)
      void settle()
    })
    expect(result).toMatchObject({ duplicate: false })
    expect(room.isPending).toBe(false)
    expect(room.heard).toEqual(['mine'])
    expect(room.messages).toMatchObject([{ data: 'mine', source: 'live' }])
    // A channel that comes out of a store is no proxy, which its private fields would not stand.
    expect(() => room.channel?.subscribe(() => undefined)()).not.toThrow()
    room.$dispose()
    await settle(3_000)
    expect(server.commands).toEqual(['subscribe room', 'unsubscribe room'])
  })

  const useInSetup = {
    setup() {
      useRoom()
      return () => null
    },
  }
  const useInHook = {
    setup() {
      onMounted(() => void useRoom())
      return () => null
    },
  }
  it.each([
    ['setup', useInSetup],
    ['a hook', useInHook],
    ['a render', () => void useRoom()],
  ])('first used in %s of a component subscribes, and goes on after it', async (_, component) => {
    const { server, settle, pinia, app } = stage(component)
    await show(app)
    await settle()
    server.publish('room', 1)
    await settle()
    expect(useRoom(pinia).heard).toEqual([1])
    unmount(app)
    await settle(3_000)
    server.publish('room', 2)
    await settle()
    expect(useRoom(pinia).messages).toMatchObject([{ data: 1 }, { data: 2 }])
    useRoom(pinia).$dispose()
    await settle(3_000)
    expect(server.commands).toEqual(['subscribe room', 'unsubscribe room'])
  })

  it('first used in a hook shows at once what is so', async () => {
    const { client, settle, app } = stage({
      setup() {
        onMounted(() => {
          const { status, isConnected } = useRoom()
          shown.push(status.status, isConnected)
        })
        return () => null
      },
    })
    const shown: unknown[] = []
    client.channel('room').subscribe(() => undefined)
    await settle()
    await show(app)
    expect(shown).toEqual(['subscribed', true])
  })

  it('has nothing of it in its state, so that nothing of it is written to a page or read from one', () => {
    const { pinia } = stage()
    useRoom(pinia)
    expect(Object.keys(pinia.state.value.room ?? {})).toEqual(['heard'])
  })
})

describe('what is missing is said', () => {
  it('the plugin', () => {
    expect(() => createApp({}).runWithContext(useHoldfast)).toThrow('app.use(holdfast, { client })')
  })

  it('an app', () => {
    expect(() => effectScope().run(() => useChannel('room'))).toThrow('setup()')
  })
})
