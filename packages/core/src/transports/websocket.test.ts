import { afterEach, expect, it, vi } from 'vitest'
import { settled } from '../testing/index.ts'
import type { TransportClosure } from './transport.ts'
import { websocket } from './websocket.ts'

afterEach(() => vi.unstubAllGlobals())

/** A constructor that only notes what it was given. */
function recorder() {
  const calls: [url: string, protocols: string[]][] = []
  class Recorder {
    constructor(url: string, protocols: string[]) {
      calls.push([url, protocols])
    }
  }
  return { calls, WebSocket: Recorder as unknown as typeof WebSocket }
}

const nothing = { opened() {}, frame() {}, malformed() {}, closed() {} }

it('the URLs of a list are tried in turn', () => {
  const { calls, WebSocket } = recorder()
  const transport = websocket({ url: ['ws://a/', 'wss://b/', 'https://c/x?y=1#z'], WebSocket })
  for (const attempt of [0, 1, 2, 3]) transport.open(attempt, nothing)
  expect(calls.map(([url]) => url)).toEqual(['ws://a/', 'wss://b/', 'wss://c/x?y=1', 'ws://a/'])
})

it('relative URLs are the page’s, and its scheme is kept', () => {
  vi.stubGlobal('location', { href: 'https://app.example/room/42?tab=1' })
  const { calls, WebSocket } = recorder()
  websocket({ url: '/realtime', WebSocket }).open(0, nothing)
  expect(calls).toEqual([['wss://app.example/realtime', ['holdfast.v1']]])
})

it('further subprotocols stand behind its own', () => {
  const { calls, WebSocket } = recorder()
  websocket({ url: 'ws://a/', protocols: ['route.east'], WebSocket }).open(0, nothing)
  expect(calls[0]?.[1]).toEqual(['holdfast.v1', 'route.east'])
})

it('a URL that cannot be used is `bad_config` on a page; elsewhere the attempt fails and says why', async () => {
  const closures: TransportClosure[] = []
  const relative = websocket({ url: '/realtime' })
  relative.open(0, { ...nothing, closed: (closure) => closures.push(closure) })
  expect(closures).toEqual([])
  relative.open(0, { ...nothing, closed: (closure) => closures.push(closure) }).close()
  await settled()
  expect(closures).toEqual([{ code: 1006, reason: expect.stringContaining('"/realtime"') }])

  expect(() => websocket({} as never)).toThrow(expect.objectContaining({ code: 'bad_config' }))
  expect(() => websocket({ url: [] })).toThrow(expect.objectContaining({ code: 'bad_config' }))
  vi.stubGlobal('location', { href: 'https://app.example/' })
  expect(() => websocket({ url: 'http://[' })).toThrow(expect.objectContaining({ code: 'bad_config' }))
})
