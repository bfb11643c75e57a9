import { type Binding, bindingSuite, type ShownPublish } from '@holdfast/conformance/binding'
import type { ChannelState, Client } from '@holdfast/core'
import { type Component, flushSync, hydrate, mount, tick, unmount } from 'svelte'
import { describe, expect, it, vi } from 'vitest'
import Channels from '../test/channels.svelte'
import Page from '../test/page.svelte'
import { serverBuild } from '../test/server-build.ts'
import { State } from '../test/state.svelte.ts'
import UnderClient from '../test/under-client.svelte'
import Using from '../test/using.svelte'
import { useConnectionStatus, useMessages, usePublish } from './index.ts'

const mounted = new Set<Record<string, unknown>>()
const server = await serverBuild()

/** Does something, and lets Svelte show what follows from it. */
async function act(step: () => unknown): Promise<void> {
  await step()
  flushSync()
  await tick()
}

async function remove(component: Record<string, unknown>): Promise<void> {
  mounted.delete(component)
  await act(() => unmount(component))
}

/** Mounts a component below a client; props with getters change. */
async function mountUnder<P extends Record<string, unknown>>(
  client: Client,
  component: Component<P>,
  props: P,
) {
  const made = mount(UnderClient, {
    target: document.createElement('div'),
    props: { client, component, props },
  })
  mounted.add(made)
  await act(() => undefined)
  return { unmount: () => remove(made) }
}

/** Mounts one of the functions with an argument; `seen` is what the template was given with each change. */
async function mountUsing<A, T extends object>(client: Client, use: (argument: () => A) => T, first: A) {
  const argument = new State(first)
  const seen: T[] = []
  const { unmount } = await mountUnder(client, Using, {
    use,
    get argument() {
      return argument.value
    },
    report: (shown: T) => void seen.push(shown),
  })
  return {
    update: (next: A) => act(() => Object.assign(argument, { value: next })),
    unmount,
    seen,
    get shown() {
      return seen.at(-1) as T
    },
  }
}

const binding: Binding = {
  name: 'svelte',
  act,
  async mountChannels(client, uses, as) {
    const now = new State(uses)
    const shown: ChannelState[] = []
    const { unmount } = await mountUnder(client, Channels, {
      get uses() {
        return now.value
      },
      as,
      report: (at: number, status: ChannelState) => {
        shown[at] = status
      },
    })
    return {
      update: (next) => act(() => Object.assign(now, { value: next })),
      unmount,
      get shown() {
        return shown.slice(0, now.value.length)
      },
    }
  },
  mountMessages: (client, name, options) => mountUsing(client, (each) => useMessages(each, options), name),
  mountPublish: (client, name) => mountUsing(client, (each): ShownPublish => usePublish(each), name),
  async mountConnection(client) {
    const view = await mountUsing(client, useConnectionStatus, undefined)
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
    return server.renderPage(client, name, options)
  },
  async hydratePage(client, html, name, options) {
    const target = document.createElement('div')
    target.innerHTML = html
    const text = () => target.textContent?.trim() ?? ''
    const before = text()
    const mismatches: string[] = []
    const warn = vi
      .spyOn(console, 'warn')
      .mockImplementation((...told) => void mismatches.push(told.join(' ')))
    const props = { client, component: Page, props: { name, options } }
    const page = hydrate(UnderClient, { target, props, recover: false })
    mounted.add(page)
    // Svelte mends a text that differs and says nothing.
    if (text() !== before) mismatches.push(`${before} became ${text()}`)
    await act(() => undefined)
    warn.mockImplementation((m: string) => console.error(new Error(m).stack))
    return { text, mismatches, unmount: () => remove(page) }
  },
  async cleanUp() {
    for (const component of mounted) await remove(component)
  },
}

bindingSuite(binding)
