import {
  type Binding,
  bindingSuite,
  type ChannelUse,
  keysOf,
  type ShownPublish,
} from '@holdfast/conformance/binding'
import type { ChannelState, Client, MessageListOptions } from '@holdfast/core'
import { act, type ReactElement, type ReactNode, StrictMode } from 'react'
import { createRoot, hydrateRoot, type Root } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import {
  Channel,
  HoldfastProvider,
  useChannel,
  useConnectionStatus,
  useMessages,
  usePublish,
} from './index.ts'

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })

const roots = new Set<Root>()

function tree(client: Client, children: ReactNode): ReactElement {
  return (
    <StrictMode>
      <HoldfastProvider client={client}>{children}</HoldfastProvider>
    </StrictMode>
  )
}

async function unmount(root: Root): Promise<void> {
  roots.delete(root)
  await act(async () => root.unmount())
}

/** Mounts in StrictMode under a client; renders again with `render`. */
async function mount(client: Client, first: ReactNode) {
  const root = createRoot(document.createElement('div'))
  roots.add(root)
  const render = (children: ReactNode): Promise<void> => act(async () => root.render(tree(client, children)))
  await render(first)
  return { render, unmount: () => unmount(root) }
}

/** Mounts a hook with an argument; `shown` is what it answered in the last render. */
async function mountHook<A, T>(client: Client, use: (argument: A) => T, first: A) {
  const seen: T[] = []
  function Using({ argument }: { argument: A }): null {
    seen.push(use(argument))
    return null
  }
  const { render, unmount } = await mount(client, <Using argument={first} />)
  return {
    update: (next: A) => render(<Using argument={next} />),
    unmount,
    seen,
    get shown() {
      return seen.at(-1) as T
    },
  }
}

function Page({ name, options }: { name: string; options: MessageListOptions }): ReactElement {
  const { messages, status } = useMessages(name, options)
  useChannel(`${name}:events`)
  const { status: connection } = useConnectionStatus()
  const { isPending } = usePublish(name)
  return <p>{[...messages.map(({ data }) => data), status.status, connection, isPending].join(' ')}</p>
}

const page = (client: Client, name: string, options: MessageListOptions): ReactElement =>
  tree(client, <Page name={name} options={options} />)

const binding: Binding = {
  name: 'react',
  act: (step) => act(step),
  async mountChannels(client, uses, as) {
    let shown: ChannelState[] = []
    function Hook({ at, use }: { at: number; use: ChannelUse }): null {
      const { name, event, handler, onGap, params } = use
      shown[at] = useChannel(name, event, handler, { ...(onGap && { onGap }), params }).status
      return null
    }
    function Element({ use: { name, event, handler, onGap, params } }: { use: ChannelUse }): ReactElement {
      return (
        <Channel
          channel={name}
          params={params}
          {...(event !== undefined && { event })}
          {...(handler && { handler })}
          {...(onGap && { onGap })}
        />
      )
    }
    const list = (all: readonly ChannelUse[]): ReactElement[] => {
      const keys = keysOf(all)
      return all.map((use, at) =>
        as === 'hook' ? <Hook key={keys[at]} at={at} use={use} /> : <Element key={keys[at]} use={use} />,
      )
    }
    const { render, unmount } = await mount(client, list(uses))
    return {
      update: (next) => {
        shown = []
        return render(list(next))
      },
      unmount,
      get shown() {
        return shown
      },
    }
  },
  mountMessages: (client, name, options) => mountHook(client, (each) => useMessages(each, options), name),
  mountPublish: (client, name) => mountHook(client, (each): ShownPublish => usePublish(each), name),
  async mountConnection(client) {
    const view = await mountHook(client, useConnectionStatus, undefined)
    return {
      get shown() {
        return view.shown
      },
      get seen() {
        const texts = view.seen.map(({ status, isConnected }) => `${status} ${isConnected}`)
        return texts.filter((text, at) => text !== texts[at - 1])
      },
    }
  },
  async renderPage(client, name, options) {
    return renderToString(page(client, name, options))
  },
  async hydratePage(client, html, name, options) {
    const container = document.createElement('div')
    container.innerHTML = html
    const mismatches: string[] = []
    const root = await act(async () =>
      hydrateRoot(container, page(client, name, options), {
        onRecoverableError: (error) => mismatches.push(String(error)),
      }),
    )
    roots.add(root)
    return { text: () => container.textContent ?? '', mismatches, unmount: () => unmount(root) }
  },
  async cleanUp() {
    for (const root of roots) await unmount(root)
  },
}

bindingSuite(binding)

describe('@holdfast/react', () => {
  it('a hook without a provider says what is missing', () => {
    expect(() => renderToString(<Page name="room" options={{}} />)).toThrow('HoldfastProvider')
  })
})
