import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import express from 'express'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { attachWebSocket } from '../endpoints/websocket.ts'
import { createHub } from '../hub.ts'
import { memoryLog } from '../log/memory.ts'
import { expressMount } from './express.ts'
import { serve } from './node.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

function welcomed(port: number): Promise<string> {
  const ws = new WebSocket(`ws://127.0.0.1:${port}/realtime`, 'holdfast.v1')
  closing.push(() => ws.terminate())
  ws.on('open', () => ws.send('{"type":"auth","id":0,"clientId":"c"}'))
  return new Promise((resolve) =>
    ws.on('message', (data) => resolve((JSON.parse(String(data)) as { type: string }).type)),
  )
}

describe('mounts', () => {
  it('R18 (express): mounts in an existing Express server, behind express.json()', async () => {
    const hub = createHub({ log: memoryLog(), open: true })
    const app = express()
    app.use(express.json())
    app.use('/realtime', expressMount(hub))
    app.get('/realtime/own', (_request, response) => {
      response.send('own')
    })
    const server = createServer(app)
    attachWebSocket(server, hub, { path: '/realtime' })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(
      () => server.close(),
      () => hub.close(),
    )
    const { port } = server.address() as AddressInfo
    const base = `http://127.0.0.1:${port}/realtime`
    await hub.ready
    expect(await (await fetch(`${base}/health`)).json()).toMatchObject({ status: 'ok' })
    const plain = await fetch(base)
    expect(plain.status).toBe(426)
    expect(await plain.json()).toMatchObject({
      error: { code: 'unsupported_version', hint: expect.any(String) },
    })
    expect(await (await fetch(`${base}/own`)).text()).toBe('own')
    expect(await welcomed(port)).toBe('welcome')
  })

  it('R18 (node): serves on a port of its own, and hands what is not its own to the handler', async () => {
    const hub = createHub({ log: memoryLog(), open: true })
    const serving = await serve(hub, {
      port: 0,
      host: '127.0.0.1',
      handler: (request, response) => response.end(`handler ${request.url}`),
    })
    closing.push(() => serving.close({ drainMs: 10 }))
    const base = `http://127.0.0.1:${serving.port}`
    expect((await fetch(`${base}/realtime?x=1`)).status).toBe(426)
    expect(await (await fetch(`${base}/realtime/health`)).json()).toMatchObject({ status: 'ok' })
    expect(await (await fetch(`${base}/realtime/else?x=1`)).text()).toBe('handler /realtime/else?x=1')
    expect(await (await fetch(`${base}/realtimes`)).text()).toBe('handler /realtimes')
    expect(await welcomed(serving.port)).toBe('welcome')
    expect(serving.server.headersTimeout).toBeLessThanOrEqual(10_000)
    expect(serving.server.requestTimeout).toBeLessThanOrEqual(30_000)
  })

  it('an upgrade that nobody serves is answered 404 and ended, and one that somebody does is left alone', async () => {
    const hub = createHub({ log: memoryLog(), open: true })
    const serving = await serve(hub, { port: 0, host: '127.0.0.1' })
    closing.push(() => serving.close({ drainMs: 10 }))
    const upgrade = (path: string): Promise<string> =>
      new Promise((resolve) => {
        // Keeps its half open, as a careless peer does.
        const socket = connect({ port: serving.port, host: '127.0.0.1', allowHalfOpen: true })
        let answer = ''
        socket.on('data', (chunk) => {
          answer += chunk.toString()
        })
        socket.on('end', () => resolve(answer.split('\r\n')[0] as string))
        socket.on('error', () => undefined)
        socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`)
      })
    const open = (): Promise<number> =>
      new Promise((resolve) => serving.server.getConnections((_error, count) => resolve(count)))
    expect(await upgrade('/else')).toBe('HTTP/1.1 404 Not Found')
    expect(await upgrade('/realtime')).toMatch(/^HTTP\/1.1 4/)
    await vi.waitFor(async () => expect(await open()).toBe(0))
    serving.server.on('upgrade', ({ url }, socket) => {
      if (url === '/else') socket.end('HTTP/1.1 418 Mine\r\n\r\n')
    })
    expect(await upgrade('/else')).toBe('HTTP/1.1 418 Mine')
  })
})
