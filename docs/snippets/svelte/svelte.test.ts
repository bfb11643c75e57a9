// @vitest-environment happy-dom
import type { Message } from '@holdfast/core'
import { unmount } from 'svelte'
import { get } from 'svelte/store'
import { describe, expect, it, vi } from 'vitest'
import { contract } from '../contract.ts'
import { atEnd, passing, RECONNECT_MS, setStage } from '../kit/stage.ts'
import { asOnServer, inSvelte, showing } from '../kit/svelte.ts'
import { hydratePage } from './browser.ts'
import ChatRoom from './chat-room.svelte'
import ConnectionStatus from './connection-status.svelte'
import MessageForm from './message-form.svelte'
import PrivateChannel from './private-channel.svelte'
import RingBell from './ring-bell.svelte'
import StoreRoom from './store-room.svelte'
import { storesOf } from './stores.ts'
import TypedRoom from './typed-room.svelte'

const stage = setStage()

describe('the pages of Svelte', () => {
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
    const { text, settle } = await inSvelte(client, ChatRoom, { id: '42' })
    expect(text()).toBe('Loading …')
    await settle()
    await hub.publish('room:42', 'message', 'one')
    await settle()
    stage.network.cut()
    for (const data of ['two', 'three', 'four', 'five']) await hub.publish('room:42', 'message', data)
    await settle(RECONNECT_MS)
    expect(text()).toBe('oneSome messages are missing here. four five')
    const refused = await inSvelte(client, ChatRoom, { id: '7' })
    await refused.settle()
    expect(refused.text()).toContain('grant')
    const wrong = await inSvelte(client, ChatRoom, { id: '\n' })
    await wrong.settle()
    expect(wrong.target.querySelector('[role=alert]')).not.toBeNull()
    const off = await inSvelte(client, ChatRoom, { id: null })
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
    const { settle, target } = await inSvelte(client, RingBell, { room: 'room:42', onring: ring })
    await inSvelte(client, PrivateChannel, { token: 'mine', ring })
    await settle()
    expect(target.querySelector('span')?.title).toBe('subscribed')
    await hub.publish('room:42', 'message', 1)
    await hub.publish('room:42', 'typing', 2)
    await hub.publish('private-room', 'message', 3)
    await settle()
    expect(rung).toEqual([1, 3])
  })

  it('publish, and show what became of it', async () => {
    let isAllowed = false
    stage.hub({ channels: { 'room:{id}': { onPublish: () => isAllowed } } })
    const { text, press, settle } = await inSvelte(stage.client(), MessageForm, { room: 'room:42' })
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
    const { text, settle } = await inSvelte(client, ConnectionStatus)
    expect(text()).toBe('OFFLINE (initial)')
    client.connect()
    await settle()
    expect(text()).toBe('')
  })

  it('use stores, in components and outside of them', async () => {
    const hub = stage.hub()
    const client = stage.client()
    const { room, connection } = storesOf(client)
    const seen: number[] = []
    const stop = room.subscribe(({ messages }) => seen.push(messages.length))
    const { text, settle } = await inSvelte(client, StoreRoom, { client })
    await settle()
    await hub.publish('room:42', 'message', 'hello')
    await settle()
    expect(text()).toBe('ONLINE: 1 messages')
    expect(seen.at(-1)).toBe(1)
    expect(get(connection)).toMatchObject({ status: 'ONLINE', isConnected: true })
    stop()
  })

  it('know the contract', async () => {
    stage.hub({ contract })
    const { text, press, settle } = await inSvelte(stage.client(), TypedRoom, { id: '42' })
    await settle()
    await press('Say hello')
    await settle()
    expect(text()).toBe('hello Say hello')
  })

  it('are rendered on a server, and go on in the browser after what they show', async () => {
    const hub = stage.hub({ authenticate: ({ token }) => (token ? { id: token } : undefined) })
    for (const data of ['one', 'two']) await hub.publish('room:42', 'message', data)
    const client = stage.client({ auth: () => ({ token: 'ann' }) })
    const { renderPage } = await asOnServer<typeof import('./ssr.ts')>('svelte/ssr.ts')
    const [{ body, initialMessages }] = await Promise.all([renderPage(hub, client), passing()])
    expect(body.replace(/<!--.*?-->/g, '')).toBe('<ol><li>one</li><li>two</li></ol>')
    expect(client.status).toBe('OFFLINE')
    await hub.publish('room:42', 'message', 'between')
    const root = document.createElement('div')
    root.innerHTML = body
    const complain = vi.spyOn(console, 'warn')
    const page = hydratePage(client, root, JSON.parse(JSON.stringify(initialMessages)))
    atEnd(() => unmount(page))
    const { settle, text } = showing(root)
    await settle()
    expect(text()).toBe('onetwobetween')
    expect(complain).not.toHaveBeenCalled()
  })
})
