import {
  type Binding,
  bindingSuite,
  type ChannelUse,
  keysOf,
  roomServer,
  type ShownConnection,
} from '@holdfast/conformance/binding'
import type { ChannelState, Client, MessageListOptions } from '@holdfast/core'
import { renderToString } from '@vue/server-renderer'
import { describe, expect, it, vi } from 'vitest'
import { type App, createSSRApp, defineComponent, h, nextTick, onUnmounted, shallowRef } from 'vue'
import { Channel, holdfast, useChannel, useConnectionStatus, useMessages, usePublish } from './index.ts'
import { act, apps, mount, mountUse, show, stage, unmount } from './scene.test-kit.ts'

const Page = defineComponent(
  (props: { name: string; options: MessageListOptions }) => {
    const { messages, status } = useMessages(
      () => props.name,
      () => props.options,
    )
    useChannel(() => `${props.name}:events`)
    const { status: connection } = useConnectionStatus()
    const { isPending } = usePublish(() => props.name)
    return () => {
      const shown = [...messages.value.map(({ data }) => data), status.value.status, connection.value]
      return h('p', [...shown, isPending.value].join(' '))
    }
  },
  { props: ['name', 'options'] },
)

const page = (client: Client, name: string, options: MessageListOptions): App =>
  createSSRApp(Page, { name, options }).use(holdfast, { client })

const binding: Binding = {
  name: 'vue',
  act,
  async mountChannels(client, first, as) {
    const uses = shallowRef(first)
    const shown = new Map<string, ChannelState>()
    const Hook = defineComponent(
      (props: { id: string; use: ChannelUse }) => {
        const { status } = useChannel(
          () => props.use.name,
          () => props.use.event,
          (message) => props.use.handler?.(message),
          () => ({
            ...(props.use.onGap && { onGap: props.use.onGap }),
            params: props.use.params,
          }),
        )
        onUnmounted(() => shown.delete(props.id))
        return () => void shown.set(props.id, status.value)
      },
      { props: ['id', 'use'] },
    )
    const element = ({ name, key: _, ...use }: ChannelUse, key: string) =>
      h(Channel, { ...use, channel: name, key })
    const app = await mount(client, () => {
      const keys = keysOf(uses.value)
      return uses.value.map((use, at) => {
        const id = keys[at] ?? ''
        return as === 'hook' ? h(Hook, { key: id, id, use }) : element(use, id)
      })
    })
    return {
      async update(next) {
        uses.value = next
        await nextTick()
      },
      unmount: async () => unmount(app),
      get shown() {
        return keysOf(uses.value).map((key) => shown.get(key) as ChannelState)
      },
    }
  },
  mountMessages: (client, name, options) => mountUse(client, (each) => useMessages(each, options), name),
  mountPublish: (client, name) => mountUse(client, usePublish, name),
  async mountConnection(client) {
    const view = await mountUse(client, useConnectionStatus, undefined)
    return {
      get shown(): ShownConnection {
        return view.shown
      },
      get seen() {
        const texts = view.seen.map(({ status, isConnected }) => `${status} ${isConnected}`)
        return texts.filter((text, at) => text !== texts[at - 1])
      },
    }
  },
  renderPage: (client, name, options) => renderToString(page(client, name, options)),
  async hydratePage(client, html, name, options) {
    const container = document.createElement('div')
    container.innerHTML = html
    const mismatches: string[] = []
    const app = page(client, name, options)
    for (const method of ['warn', 'error'] as const)
      vi.spyOn(console, method).mockImplementation((...texts) => void mismatches.push(texts.join(' ')))
    await show(app, container)
    return { text: () => container.textContent ?? '', mismatches, unmount: async () => unmount(app) }
  },
  async cleanUp() {
    for (const app of apps) unmount(app)
    vi.restoreAllMocks()
  },
}

bindingSuite(binding)

describe('@holdfast/vue', () => {
  it('a component that comes later shows what is so at once; one that hydrates what the server has rendered', async () => {
    const { client, settle } = stage()
    await mountUse(client, (name) => useChannel(name), 'room')
    await settle()
    const view = await mountUse(client, (name) => useChannel(name), 'room')
    expect(view.seen[0]?.status).toMatchObject({ status: 'subscribed' })
    const { seen } = await mountUse(client, useConnectionStatus, undefined)
    expect(seen.map(({ status }) => status)).toEqual(['ONLINE'])
    const html = await binding.renderPage(roomServer().client(), 'room', {})
    const hydrated = await binding.hydratePage(client, html, 'room', {})
    expect(hydrated.mismatches).toEqual([])
    expect(hydrated.text()).toBe('subscribed ONLINE false')
  })

  it('hydration tells what differs', async () => {
    const { client } = stage()
    const { mismatches } = await binding.hydratePage(client, '<p>of another</p>', 'room', {})
    expect(mismatches.join(' ')).toContain('mismatch')
  })
})
