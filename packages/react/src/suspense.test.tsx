import { roomServer } from '@holdfast/conformance/binding'
import type { Client, MessageListOptions } from '@holdfast/core'
import { act, type ReactNode, StrictMode, Suspense } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, describe, expect, it } from 'vitest'
import { HoldfastProvider } from './index.ts'
import { useSuspenseMessages } from './suspense.ts'

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })

const roots: Root[] = []
afterEach(async () => {
  for (const root of roots.splice(0)) await act(async () => root.unmount())
})

async function mount(client: Client, first: ReactNode) {
  const container = document.createElement('div')
  const root = createRoot(container)
  roots.push(root)
  const render = (children: ReactNode): Promise<void> =>
    act(async () => {
      root.render(
        <StrictMode>
          <HoldfastProvider client={client}>
            <Suspense fallback="waiting">{children}</Suspense>
          </HoldfastProvider>
        </StrictMode>,
      )
    })
  await render(first)
  return { render, text: () => container.textContent }
}

function Room({ name, options = {} }: { name: string; options?: MessageListOptions }): ReactNode {
  const { messages, status } = useSuspenseMessages(name, options)
  return `${messages.map(({ data }) => data).join(' ')} (${status.status})`
}

describe('useSuspenseMessages', () => {
  function stage() {
    const server = roomServer()
    const settle = (ms = 0): Promise<void> => act(() => server.clock.advance(ms))
    return { server, client: server.client(), settle }
  }

  it('suspends until there is something to show, and never again', async () => {
    const { server, client, settle } = stage()
    server.publish('room', 'one')
    server.transport.latencyMs = 50
    const { render, text } = await mount(client, <Room name="room" options={{ from: 'earliest' }} />)
    expect(text()).toBe('waiting')
    await settle(1_000)
    expect(text()).toBe('one (subscribed)')
    const texts: (string | null)[] = []
    await act(async () => server.cut())
    for (let k = 0; k < 40; k++) {
      await settle(100)
      texts.push(text())
    }
    expect(texts).not.toContain('waiting')
    server.publish('room', 'two')
    await settle(1_000)
    expect(text()).toBe('one two (subscribed)')
    await render(null)
    await settle(5_000)
    await render(<Room name="room" />)
    expect(text()).toContain('one two')
  })

  it('subscribes once for a component that suspends in StrictMode, and leaves when it goes', async () => {
    const { server, client, settle } = stage()
    const { render, text } = await mount(client, <Room name="room" />)
    await settle()
    expect(text()).toBe(' (subscribed)')
    expect(server.commands).toEqual(['subscribe room'])
    await render(null)
    await settle(5_000)
    expect(server.commands).toEqual(['subscribe room', 'unsubscribe room'])
  })

  it('shows a refusal rather than waiting for ever', async () => {
    const { server, client, settle } = stage()
    server.forbidden.add('room')
    const { text } = await mount(client, <Room name="room" />)
    await settle()
    expect(text()).toBe(' (denied)')
  })

  it('does not suspend where the messages are given', async () => {
    const { server, client, settle } = stage()
    const given: MessageListOptions['initialMessages'] = [
      {
        id: 'm1',
        offset: null,
        channel: 'room',
        event: 'message',
        data: 'given',
        timestamp: 0,
        sender: null,
        meta: null,
        source: 'cache',
      },
    ]
    server.transport.latencyMs = 50
    const { text } = await mount(client, <Room name="room" options={{ initialMessages: given }} />)
    expect(text()).toContain('given')
    await settle(1_000)
  })
})
