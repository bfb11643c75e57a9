import { roomServer } from '@holdfast/conformance/binding'
import type { Client } from '@holdfast/core'
import {
  Activity,
  act,
  type ReactElement,
  type ReactNode,
  StrictMode,
  startTransition,
  useState,
} from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, describe, expect, it } from 'vitest'
import { HoldfastProvider, useChannel, useMessages } from './index.ts'

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
    act(async () =>
      root.render(
        <StrictMode>
          <HoldfastProvider client={client}>{children}</HoldfastProvider>
        </StrictMode>,
      ),
    )
  await render(first)
  return { render, text: () => container.textContent }
}

function stage() {
  const server = roomServer()
  const settle = (ms = 0): Promise<void> => act(() => server.clock.advance(ms))
  return { server, client: server.client(), settle }
}

describe('<Activity>', () => {
  it('a hidden part leaves its channel after the linger, and goes on where it was when it is shown again', async () => {
    const { server, client, settle } = stage()
    function Room(): ReactElement {
      const { messages } = useMessages('room')
      return <>{messages.map(({ data }) => data).join(' ')}</>
    }
    const page = (mode: 'visible' | 'hidden'): ReactElement => (
      <Activity mode={mode}>
        <Room />
      </Activity>
    )
    const { render, text } = await mount(client, page('visible'))
    await settle()
    server.publish('room', 'one')
    await settle()
    await render(page('hidden'))
    await settle(3_000)
    expect(server.commands).toEqual(['subscribe room', 'unsubscribe room'])
    server.publish('room', 'two')
    await render(page('visible'))
    await settle()
    expect(text()).toBe('one two')
    expect(server.commands).toEqual(['subscribe room', 'unsubscribe room', 'subscribe room'])
  })
})

describe('concurrent rendering', () => {
  it('a transition that is abandoned subscribes to nothing', async () => {
    const { server, client, settle } = stage()
    let go: (name: string) => void = () => undefined
    const never = new Promise<never>(() => undefined)
    function Room({ name }: { name: string }): ReactElement {
      useChannel(name)
      if (name === 'slow') throw never
      return <>{name}</>
    }
    function App(): ReactElement {
      const [name, setName] = useState('a')
      go = (next) => startTransition(() => setName(next))
      return <Room name={name} />
    }
    const { text } = await mount(client, <App />)
    await settle()
    await act(async () => go('slow'))
    await settle()
    expect(text()).toBe('a')
    await act(async () => go('b'))
    await settle(3_000)
    expect(text()).toBe('b')
    expect(server.commands).toEqual(['subscribe a', 'subscribe b', 'unsubscribe a'])
  })

  it('no part of a page shows another state than the rest of it', async () => {
    const { server, client, settle } = stage()
    const torn: string[] = []
    function Count({ at }: { at: number }): ReactElement {
      const { messages } = useMessages('room')
      shown[at] = messages.length
      return <>{messages.length}</>
    }
    const shown: number[] = []
    const { text } = await mount(
      client,
      Array.from({ length: 5 }, (_, at) => <Count key={String(at)} at={at} />),
    )
    await settle()
    for (let k = 1; k <= 20; k++) {
      await act(async () => startTransition(() => server.publish('room', k)))
      await settle()
      const value = text() ?? ''
      if (value !== String(k).repeat(5)) torn.push(value)
    }
    expect(torn).toEqual([])
    expect(shown).toEqual([20, 20, 20, 20, 20])
  })
})
