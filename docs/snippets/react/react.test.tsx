// @vitest-environment happy-dom
import type { Message } from '@holdfast/core'
import { HoldfastProvider } from '@holdfast/react'
import { act, type ReactNode, StrictMode } from 'react'
import { describe, expect, it, vi } from 'vitest'
import { contract } from '../contract.ts'
import { inReact } from '../kit/react.tsx'
import { atEnd, passing, RECONNECT_MS, setStage } from '../kit/stage.ts'
import { Bell } from './bell.tsx'
import { Composer } from './composer.tsx'
import { Connection } from './connection.tsx'
import { Room } from './messages.tsx'
import { PrivateChannel } from './private-channel.tsx'
import { hydrate, render } from './ssr.tsx'
import { Page } from './suspense.tsx'
import * as typed from './typed.tsx'

const stage = setStage()

/** In the strictest mode, under a client. */
const inPage = (children: ReactNode, client = stage.client()) =>
  inReact(
    <StrictMode>
      <HoldfastProvider client={client}>{children}</HoldfastProvider>
    </StrictMode>,
  )

describe('the pages of React', () => {
  it('start at an element of the document', async () => {
    const hub = stage.hub()
    const root = document.createElement('div')
    root.id = 'root'
    document.body.append(root)
    atEnd(() => root.remove())
    const { client } = await act(() => import('./app.tsx'))
    atEnd(() => act(() => client.close()))
    await act(() => passing())
    await act(async () => {
      await hub.publish('room:42', 'message', 'hello')
      await passing()
    })
    expect(root.textContent).toBe('hello')
  })

  it('show messages, gaps, refusals and nothing', async () => {
    const hub = stage.hub({
      channels: {
        'room:{id}': { retention: { maxEntries: 2 }, authorize: ({ params }) => params.id !== '7' },
      },
    })
    const client = stage.client()
    const { text, settle, does, render: show } = await inPage(<Room id="42" />, client)
    expect(text()).toBe('Loading …')
    await settle()
    expect(text()).toBe('')
    await does(() => hub.publish('room:42', 'message', 'one'))
    await does(async () => {
      stage.network.cut()
      for (const data of ['two', 'three', 'four', 'five']) await hub.publish('room:42', 'message', data)
    })
    await settle(RECONNECT_MS)
    expect(text()).toBe('oneSome messages are missing here.fourfive')
    const room = (id: string | null): ReactNode => (
      <HoldfastProvider client={client}>
        <Room id={id} />
      </HoldfastProvider>
    )
    await show(room('7'))
    await settle()
    expect(text()).toContain('grant')
    await show(room('\n'))
    await settle()
    expect(text()).not.toBe('')
    await show(room(null))
    await settle()
    expect(text()).toBe('')
  })

  it('ring for each message, with the handler of now, and with params', async () => {
    const hub = stage.hub({
      channels: { 'private-room': { authorize: ({ clientParams }) => clientParams?.token === 'mine' } },
    })
    const rung: unknown[] = []
    const ring = ({ data }: Message): void => void rung.push(data)
    const { settle, does, container } = await inPage(
      <>
        <Bell room="room:42" onRing={(message) => ring(message)} />
        <PrivateChannel token="mine" ring={ring} />
      </>,
    )
    await settle()
    expect(container.querySelector('span')?.title).toBe('subscribed')
    await does(() => hub.publish('room:42', 'message', 1))
    await does(() => hub.publish('room:42', 'typing', 2))
    await does(() => hub.publish('private-room', 'message', 3))
    expect(rung).toEqual([1, 3])
  })

  it('publish, and show what became of it', async () => {
    let isAllowed = false
    stage.hub({ channels: { 'room:{id}': { onPublish: () => isAllowed } } })
    const { text, press, settle } = await inPage(<Composer room="room:42" />)
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
    const { text, does } = await inPage(<Connection />, client)
    expect(text()).toBe('OFFLINE (initial)')
    await does(() => client.connect())
    expect(text()).toBe('')
    await does(() => {
      stage.network.hub = null
      stage.network.cut()
    })
    expect(text()).toMatch(/^CONNECTING \((backoff\), next try at|opening)/)
  })

  it('suspend until there is something to show', async () => {
    const hub = stage.hub()
    await hub.publish('room:42', 'message', 'hello')
    const { text, settle } = await inPage(<Page />)
    expect(text()).toBe('Loading …')
    await settle()
    expect(text()).toBe('1 messages')
  })

  it('know the contract', async () => {
    stage.hub({ contract })
    const { text, press, settle } = await inPage(<typed.Room id="42" />)
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
    expect(html).toBe('<ol><li>one</li><li>two</li></ol>')
    expect(client.status).toBe('OFFLINE')
    await hub.publish('room:42', 'message', 'between')
    const root = document.createElement('div')
    root.innerHTML = html
    const complain = vi.spyOn(console, 'error')
    const hydrated = await act(async () => hydrate(client, root, JSON.parse(JSON.stringify(initialMessages))))
    atEnd(() => act(async () => hydrated.unmount()))
    await act(() => passing())
    expect(root.textContent).toBe('onetwobetween')
    expect(complain).not.toHaveBeenCalled()
  })
})
