// @vitest-environment happy-dom
import type { Message } from '@holdfast/core'
import { holdfast } from '@holdfast/vue'
import { createPinia } from 'pinia'
import { describe, expect, it, vi } from 'vitest'
import { createApp } from 'vue'
import { contract } from '../contract.ts'
import { atEnd, passing, RECONNECT_MS, setStage } from '../kit/stage.ts'
import { inVue, showing } from '../kit/vue.ts'
import ChatRoom from './chat-room.vue'
import ConnectionStatus from './connection-status.vue'
import MessageForm from './message-form.vue'
import PrivateChannel from './private-channel.vue'
import RingBell from './ring-bell.vue'
import { listen } from './scope.ts'
import { hydrate, render } from './ssr.ts'
import TypedRoom from './typed-room.vue'
import { useUnread } from './unread.ts'

const stage = setStage()

describe('the pages of Vue', () => {
  it('start at an element of the document', async () => {
    const hub = stage.hub()
    const root = document.createElement('div')
    root.id = 'app'
    document.body.append(root)
    atEnd(() => root.remove())
    const { client } = await import('./main.ts')
    stage.own(client)
    const { settle, text } = showing(root)
    await settle()
    await hub.publish('room:42', 'message', 'hello')
    await settle()
    expect(text()).toBe('hello')
  })

  it('show messages, gaps, refusals and nothing', async () => {
    const hub = stage.hub({
      channels: {
        'room:{id}': { retention: { maxEntries: 2 }, authorize: ({ params }) => params.id !== '7' },
      },
    })
    const client = stage.client()
    const { text, settle } = await inVue(client, ChatRoom, { id: '42' })
    expect(text()).toBe('Loading …')
    await settle()
    await hub.publish('room:42', 'message', 'one')
    await settle()
    stage.network.cut()
    for (const data of ['two', 'three', 'four', 'five']) await hub.publish('room:42', 'message', data)
    await settle(RECONNECT_MS)
    expect(text()).toBe('oneSome messages are missing here.fourfive')
    const refused = await inVue(client, ChatRoom, { id: '7' })
    await refused.settle()
    expect(refused.text()).toContain('grant')
    const wrong = await inVue(client, ChatRoom, { id: '\n' })
    await wrong.settle()
    expect(wrong.container.querySelector('[role=alert]')).not.toBeNull()
    const off = await inVue(client, ChatRoom, { id: null })
    await off.settle()
    expect(off.text()).toBe('')
  })

  it('ring for each message, and with params', async () => {
    const hub = stage.hub({
      channels: { 'private-room': { authorize: ({ clientParams }) => clientParams?.token === 'mine' } },
    })
    const rung: unknown[] = []
    const ring = ({ data }: Message): void => void rung.push(data)
    const client = stage.client()
    const { settle, container } = await inVue(client, RingBell, { room: 'room:42', onRing: ring })
    await inVue(client, PrivateChannel, { token: 'mine', ring })
    await settle()
    expect(container.querySelector('span')?.title).toBe('subscribed')
    await hub.publish('room:42', 'message', 1)
    await hub.publish('room:42', 'typing', 2)
    await hub.publish('private-room', 'message', 3)
    await settle()
    expect(rung).toEqual([1, 3])
  })

  it('publish, and show what became of it', async () => {
    let isAllowed = false
    stage.hub({ channels: { 'room:{id}': { onPublish: () => isAllowed } } })
    const { text, press, settle } = await inVue(stage.client(), MessageForm, { room: 'room:42' })
    await press('Send')
    expect(text()).toContain('Sending …')
    await settle()
    expect(text()).toContain('Try again')
    isAllowed = true
    await press('Try again')
    await settle()
    expect(text()).toBe('Send')
  })

  it('show the connection', async () => {
    stage.hub()
    const client = stage.client()
    const { text, settle } = await inVue(client, ConnectionStatus)
    expect(text()).toBe('OFFLINE (initial)')
    client.connect()
    await settle()
    expect(text()).toBe('')
  })

  it('use channels outside of components', async () => {
    const hub = stage.hub()
    const client = stage.client()
    const app = createApp({}).use(holdfast, { client }).use(createPinia())
    const unread = app.runWithContext(() => useUnread())
    const { room, stop } = listen(app)
    await passing()
    await hub.publish('room:42', 'message', 'hello')
    await passing()
    expect([unread.count, unread.isLive]).toEqual([1, true])
    expect(room?.messages.value.map(({ data }) => data)).toEqual(['hello'])
    stop()
    await hub.publish('room:42', 'message', 'again')
    await passing()
    expect([unread.count, room?.messages.value.length]).toEqual([2, 1])
  })

  it('know the contract', async () => {
    stage.hub({ contract })
    const { text, press, settle } = await inVue(stage.client(), TypedRoom, { id: '42' })
    await settle()
    await press('Say hello')
    await settle()
    expect(text()).toBe('helloSay hello')
  })

  it('are rendered on a server, and go on in the browser after what they show', async () => {
    const hub = stage.hub({ authenticate: ({ token }) => (token ? { id: token } : undefined) })
    for (const data of ['one', 'two']) await hub.publish('room:42', 'message', data)
    const client = stage.client({ auth: () => ({ token: 'ann' }) })
    const [{ html, initialMessages }] = await Promise.all([render(hub, client), passing()])
    expect(html).toBe('<ol><!--[--><li>one</li><li>two</li><!--]--></ol>')
    expect(client.status).toBe('OFFLINE')
    await hub.publish('room:42', 'message', 'between')
    const root = document.createElement('div')
    root.innerHTML = html
    const complain = vi.spyOn(console, 'warn')
    const app = hydrate(client, root, JSON.parse(JSON.stringify(initialMessages)))
    atEnd(() => app.unmount())
    const { settle, text } = showing(root)
    await settle()
    expect(text()).toBe('onetwobetween')
    expect(complain).not.toHaveBeenCalled()
  })
})
