import { type Binding, bindingSuite, roomServer, type ShownPublish } from '@holdfast/conformance/binding'
import type { ChannelState } from '@holdfast/core'
import { expect, it, vi } from 'vitest'
import Channels from '../test/channels.svelte'
import { act, mountUnder, mountUsing, removeAll } from '../test/mounting.ts'
import Page from '../test/page.svelte'
import { serverBuild } from '../test/server-build.ts'
import { State } from '../test/state.svelte.ts'
import { useConnectionStatus, useMessages, usePublish } from './index.ts'

const server = await serverBuild()

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
    const mismatches: string[] = []
    const warn = vi
      .spyOn(console, 'warn')
      .mockImplementation((...told) => void mismatches.push(told.join(' ')))
    const page = await mountUnder(client, Page, { name, options }, html)
    warn.mockRestore()
    // Svelte mends a text that differs and says nothing.
    const before = html.replace(/<[^>]*>/g, '').trim()
    if (page.first !== before) mismatches.push(`${before} became ${page.first}`)
    return { ...page, mismatches }
  },
  cleanUp: removeAll,
}

bindingSuite(binding)

it('a page of the server comes to life as it was rendered, though the client is ahead of it', async () => {
  const room = roomServer()
  const client = room.client()
  const html = server.renderPage(room.client(), 'room', {})
  client.channel('room').subscribe(() => undefined)
  await room.clock.advance(0)
  client.disconnect()
  client
    .channel('room')
    .publish('message', 'pending')
    .catch(() => undefined)
  client.connect()
  const page = await mountUnder(client, Page, { name: 'room', options: {} }, html)
  expect(page.first).toBe('idle OFFLINE false')
  expect(page.text()).toBe('pending subscribing CONNECTING false')
  await act(() => room.clock.advance(0))
  expect(page.text()).toBe('pending subscribed ONLINE false')
  await page.unmount()
})
