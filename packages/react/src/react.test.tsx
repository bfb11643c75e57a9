import { type Binding, bindingSuite, type ChannelUse, roomServer } from '@holdfast/conformance/binding'
import type { Client, MessageListOptions } from '@holdfast/core'
import { act, type ReactElement, type ReactNode, StrictMode } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, describe, expect, it } from 'vitest'
import {
  HoldfastProvider,
  type UseMessages,
  type UsePublish,
  useChannel,
  useConnectionStatus,
  useMessages,
  usePublish,
} from './index.ts'

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })

const roots = new Set<Root>()

/** Mounts in StrictMode under a client; renders again with `render`. */
async function mount(client: Client, first: ReactNode) {
  const root = createRoot(document.createElement('div'))
  roots.add(root)
  const render = (children: ReactNode): Promise<void> =>
    act(async () => {
      root.render(
        <StrictMode>
          <HoldfastProvider client={client}>{children}</HoldfastProvider>
        </StrictMode>,
      )
    })
  await render(first)
  const unmount = (): Promise<void> => {
    roots.delete(root)
    return act(async () => root.unmount())
  }
  return { render, unmount }
}

afterEach(async () => {
  for (const root of roots) await act(async () => root.unmount())
  roots.clear()
})

function Listening({ name, event, handler }: ChannelUse): null {
  useChannel(name, event, handler)
  return null
}

const binding: Binding = {
  name: 'react',
  act: (step) => act(step),
  async mountChannels(client, uses) {
    // A component keeps its key as long as its channel is used by as many.
    const list = (all: readonly ChannelUse[]): ReactElement[] =>
      all.map((use, at) => (
        <Listening
          key={`${use.name} ${all.slice(0, at).filter(({ name }) => name === use.name).length}`}
          {...use}
        />
      ))
    const { render, unmount } = await mount(client, list(uses))
    return { update: (next) => render(list(next)), unmount }
  },
  async mountMessages(client, name, options: MessageListOptions = {}) {
    let shown: UseMessages | undefined
    function Showing({ channel }: { channel: string | null }): null {
      shown = useMessages(channel, options)
      return null
    }
    const { render, unmount } = await mount(client, <Showing channel={name} />)
    return {
      update: (next) => render(<Showing channel={next} />),
      unmount,
      get shown() {
        return shown ?? { messages: [], gaps: [] }
      },
    }
  },
}

bindingSuite(binding)

describe('@holdfast/react', () => {
  it('nothing opens during server rendering, and initial messages are in the page', () => {
    const server = roomServer()
    const client = server.client()
    const initialMessages = [
      {
        id: 'm1',
        offset: null,
        channel: 'room',
        event: 'message',
        data: 'hello',
        timestamp: 0,
        sender: null,
        meta: null,
        source: 'live' as const,
      },
    ]
    function Page(): ReactElement {
      const { messages, status } = useMessages('room', { initialMessages })
      useChannel('room', 'message', () => undefined)
      const { status: connection, isConnected } = useConnectionStatus()
      const { isPending } = usePublish('room')
      return (
        <p>
          {[...messages.map(({ data }) => data), status.status, connection, isConnected, isPending].join(' ')}
        </p>
      )
    }
    const html = renderToString(
      <HoldfastProvider client={client}>
        <Page />
      </HoldfastProvider>,
    )
    expect(html).toBe('<p>hello idle OFFLINE false false</p>')
    expect(server.transport.links).toHaveLength(0)
    expect(server.clock.pending).toBe(0)
  })

  it('useConnectionStatus shows every change of the connection', async () => {
    const server = roomServer()
    const client = server.client()
    const shown: string[] = []
    function Status(): null {
      const { status, isConnected } = useConnectionStatus()
      const text = `${status} ${isConnected}`
      if (shown.at(-1) !== text) shown.push(text)
      return null
    }
    await mount(client, <Status />)
    expect(server.transport.links).toHaveLength(0)
    await act(async () => client.connect())
    await act(() => server.clock.advance(0))
    await act(async () => client.disconnect())
    expect(shown).toEqual(['OFFLINE false', 'CONNECTING false', 'ONLINE true', 'OFFLINE false'])
  })

  it('usePublish shows what is pending, what failed, and tries it again under the same id', async () => {
    const server = roomServer()
    const client = server.client({ outbox: false })
    let shown: UsePublish | undefined
    function Publishing({ name }: { name: string | null }): null {
      shown = usePublish(name)
      return null
    }
    const now = (): UsePublish => {
      if (!shown) throw new Error('not rendered')
      return shown
    }
    const { render } = await mount(client, <Publishing name="room" />)
    client.disconnect()
    await act(async () => void now().publish('message', 'hello'))
    await act(() => server.clock.advance(0))
    expect(now()).toMatchObject({ isPending: false, error: { code: 'disconnected' } })
    const retry = now().retry
    await act(async () => client.connect())
    await act(() => server.clock.advance(100))
    expect(client.isConnected).toBe(true)
    await act(async () => void retry?.())
    expect(now()).toMatchObject({ isPending: true, error: null, retry: null })
    await act(() => server.clock.advance(0))
    expect(now()).toMatchObject({ isPending: false, error: null, retry: null })
    await render(<Publishing name={null} />)
    expect(() => now().publish('message', 'x')).toThrow('no channel')
  })

  it('usePublish counts what is pending on its present channel, though the name came back meanwhile', async () => {
    const server = roomServer()
    const client = server.client()
    let shown: UsePublish | undefined
    function Publishing({ name }: { name: string }): null {
      shown = usePublish(name)
      return null
    }
    const { render } = await mount(client, <Publishing name="a" />)
    client.disconnect()
    const cancels: (() => boolean)[] = []
    const publish = (): void => {
      const published = shown?.publish('message', 'hello')
      if (published) cancels.push(() => published.cancel())
    }
    await act(async () => publish())
    await render(<Publishing name="b" />)
    await act(async () => publish())
    await render(<Publishing name="a" />)
    await act(async () => publish())
    expect(shown).toMatchObject({ isPending: true })
    await act(async () => void cancels[0]?.())
    expect(shown).toMatchObject({ isPending: true, error: null })
    await act(async () => void cancels[2]?.())
    expect(shown).toMatchObject({ isPending: false, error: { code: 'cancelled' } })
  })

  it('a hook without a provider says what is missing', () => {
    expect(() => renderToString(<Listening name="room" />)).toThrow('HoldfastProvider')
  })
})
