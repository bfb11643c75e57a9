// @vitest-environment node
import { roomServer } from '@holdfast/conformance/binding'
import type { Client } from '@holdfast/core'
import { renderToString } from '@vue/server-renderer'
import { createPinia, defineStore, storeToRefs } from 'pinia'
import { afterEach, expect, it, vi } from 'vitest'
import { createSSRApp, h, nextTick, onServerPrefetch, shallowRef } from 'vue'
import { Channel, holdfast, useChannel, useConnectionStatus, useMessages, usePublish } from './index.ts'

function useAll(name: string) {
  const { status } = useChannel(name)
  const { isLoading } = useMessages(name)
  const { isPending } = usePublish(name)
  const { status: connection } = useConnectionStatus()
  return { status, isLoading, isPending, connection }
}

/** A page that uses everything, itself and in stores: one used in its setup, one before the page is sent, one while it renders. */
function pageOf(client: Client) {
  const useInSetup = defineStore('in setup', () => useAll('in setup'))
  const usePrefetched = defineStore('prefetched', () => useAll('prefetched'))
  const useInRender = defineStore('in render', () => useAll('in render'))
  const app = createSSRApp({
    async setup() {
      const here = useAll('room')
      const { connection } = storeToRefs(useInSetup())
      onServerPrefetch(async () => void usePrefetched())
      await nextTick()
      return () => {
        const { status, isLoading } = useInRender()
        const shown = [
          here.status.value.status,
          here.isLoading.value,
          here.isPending.value,
          here.connection.value,
        ]
        return [
          h(Channel, { channel: 'room' }),
          h('p', [...shown, connection.value, status.status, isLoading].join(' ')),
        ]
      }
    },
  })
  return app.use(holdfast, { client }).use(createPinia())
}

afterEach(() => vi.unstubAllGlobals())

it.each(['without', 'with'])('nothing opens on a server %s a window', async (which) => {
  expect(typeof window).toBe('undefined')
  if (which === 'with') vi.stubGlobal('window', globalThis)
  const server = roomServer()
  const html = await renderToString(pageOf(server.client()))
  expect(html).toBe('<!--[--><!----><p>idle true false OFFLINE OFFLINE idle true</p><!--]-->')
  await nextTick()
  await server.clock.advance(0)
  expect(server.transport.links).toHaveLength(0)
  expect(server.clock.pending).toBe(0)
})

it('nothing opens for what is used before anything is rendered, as in the guard of a router', async () => {
  const server = roomServer()
  const app = createSSRApp({}).use(holdfast, { client: server.client() }).use(createPinia())
  const useEarly = defineStore('early', () => useAll('early'))
  const name = shallowRef('a')
  app.runWithContext(() => useChannel(name))
  const store = app.runWithContext(() => useEarly())
  name.value = 'b'
  await nextTick()
  expect([store.status, store.connection]).toEqual([{ status: 'idle' }, 'OFFLINE'])
  await server.clock.advance(0)
  expect(server.transport.links).toHaveLength(0)
  expect(server.clock.pending).toBe(0)
})

it('a client that is connected on the server shows what the page will find when it hydrates', async () => {
  const server = roomServer()
  const client = server.client()
  client.channel('room').subscribe(() => undefined)
  await server.clock.advance(0)
  expect(client.status).toBe('ONLINE')
  const Page = {
    setup() {
      const { status, connection } = useAll('room')
      return () => [h(Channel, { channel: 'room' }), status.value.status, connection.value]
    },
  }
  const html = await renderToString(createSSRApp(Page).use(holdfast, { client }))
  expect(html).toBe('<!--[--><!---->idleOFFLINE<!--]-->')
  await client.close()
})
