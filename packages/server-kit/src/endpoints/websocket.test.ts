import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { createHub, type Hub } from '../hub.ts'
import { memoryLog } from '../log/memory.ts'
import { type Serving, serve } from '../mounts/node.ts'
import type { HubOptions } from '../options.ts'
import { attachWebSocket } from './websocket.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function start(
  options: Partial<HubOptions> = {},
  compress = false,
): Promise<{ hub: Hub; serving: Serving }> {
  const hub = createHub({ log: memoryLog(), open: true, logger: silent, ...options })
  const serving = await serve(hub, { port: 0, host: '127.0.0.1', compress })
  closing.push(() => serving.close({ drainMs: 100 }))
  return { hub, serving }
}

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

interface Peer {
  readonly ws: WebSocket
  readonly frames: Record<string, unknown>[]
  send(frame: object): void
  next(type: string): Promise<Record<string, unknown>>
  readonly closed: Promise<number>
}

function dial(port: number, options: object = {}, protocols: string[] = ['holdfast.v1']): Peer {
  const ws = new WebSocket(`ws://127.0.0.1:${port}/realtime`, protocols, {
    perMessageDeflate: false,
    ...options,
  })
  const frames: Record<string, unknown>[] = []
  const waiting: { type: string; resolve: (frame: Record<string, unknown>) => void }[] = []
  ws.on('message', (data) => {
    const frame = JSON.parse(String(data)) as Record<string, unknown>
    const at = waiting.findIndex(({ type }) => type === frame.type)
    if (at >= 0) waiting.splice(at, 1)[0]?.resolve(frame)
    else frames.push(frame)
  })
  ws.on('error', () => undefined)
  closing.push(() => ws.terminate())
  return {
    ws,
    frames,
    send: (frame) =>
      ws.readyState === ws.OPEN
        ? ws.send(JSON.stringify(frame))
        : ws.once('open', () => ws.send(JSON.stringify(frame))),
    next(type) {
      const at = frames.findIndex((frame) => frame.type === type)
      if (at >= 0) return Promise.resolve(frames.splice(at, 1)[0] as Record<string, unknown>)
      return new Promise((resolve) => waiting.push({ type, resolve }))
    },
    closed: new Promise((resolve) => ws.on('close', resolve)),
  }
}

async function authed(port: number, options: object = {}): Promise<Peer> {
  const peer = dial(port, options)
  peer.send({ type: 'auth', id: 0, clientId: 'c' })
  await peer.next('welcome')
  return peer
}

/** The status that an upgrade is refused with, and the code in its body. */
function refusal(
  port: number,
  options: object = {},
  protocols: string[] = ['holdfast.v1'],
): Promise<[number, string]> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(`ws://127.0.0.1:${port}/realtime`, protocols, options)
    ws.on('error', () => undefined)
    ws.on('open', () => reject(new Error('It was accepted.')))
    ws.on('unexpected-response', (_request, response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString()
      })
      response.on('end', () =>
        resolve([response.statusCode ?? 0, (JSON.parse(body) as { error: { code: string } }).error.code]),
      )
    })
  })
}

describe('websocket endpoint', () => {
  for (const compress of [false, true]) {
    it(`K1 (websocket${compress ? ', compressed' : ''}): bytes in, the same bytes out`, async () => {
      const { serving } = await start({}, compress)
      const options = compress ? { perMessageDeflate: { threshold: 0 } } : {}
      const [alice, bob] = [await authed(serving.port, options), await authed(serving.port, options)]
      expect(alice.ws.extensions).toBe(compress ? 'permessage-deflate' : '')
      bob.send({ type: 'subscribe', id: 1, channels: [{ channel: 'room' }] })
      await bob.next('ok')
      const data = Buffer.from(Uint8Array.from({ length: 256 }, (_, at) => at)).toString('base64')
      alice.send({
        type: 'publish',
        id: 1,
        channel: 'room',
        messages: [{ id: 'm1', data, encoding: 'base64' }],
      })
      await alice.next('ok')
      expect((await bob.next('messages')).items).toMatchObject([{ id: 'm1', data, encoding: 'base64' }])
    })
  }

  it('K1 (websocket, 1 MB by option): the same bytes out', async () => {
    const { serving } = await start({ limits: { messageBytes: 1_000_000, frameBytes: 2_000_000 } })
    const bob = await authed(serving.port)
    bob.send({ type: 'subscribe', id: 1, channels: [{ channel: 'room' }] })
    await bob.next('ok')
    const data = Buffer.alloc(1_000_000, 7).toString('base64')
    bob.send({ type: 'publish', id: 2, channel: 'room', messages: [{ id: 'm', data, encoding: 'base64' }] })
    expect((await bob.next('messages')).items).toMatchObject([{ data, encoding: 'base64' }])
    const more = Buffer.alloc(1_000_002, 7).toString('base64')
    bob.send({
      type: 'publish',
      id: 3,
      channel: 'room',
      messages: [{ id: 'n', data: more, encoding: 'base64' }],
    })
    expect(await bob.next('error')).toMatchObject({ error: { code: 'message_too_large' } })
  })

  it('B19: upgrades of other paths are left to other listeners', async () => {
    const server = createServer()
    const hub = createHub({ log: memoryLog(), open: true })
    const other = new WebSocketServer({ noServer: true })
    server.on('upgrade', (request, socket, head) => {
      if (request.url === '/hmr') other.handleUpgrade(request, socket, head, (ws) => ws.send('hmr'))
    })
    attachWebSocket(server, hub, { path: '/realtime' })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(
      () => server.close(),
      () => hub.close(),
    )
    const { port } = server.address() as AddressInfo
    const hmr = new WebSocket(`ws://127.0.0.1:${port}/hmr`)
    closing.push(() => hmr.terminate())
    expect(await new Promise((resolve) => hmr.on('message', (data) => resolve(String(data))))).toBe('hmr')
    await authed(port)
  })

  it('S1: a foreign, null or missing Origin with cookies is refused before the upgrade', async () => {
    const { serving } = await start()
    const { port } = serving
    const denied = [403, 'origin_denied']
    expect(await refusal(port, { headers: { origin: 'https://evil.example' } })).toEqual(denied)
    expect(await refusal(port, { headers: { origin: 'null' } })).toEqual(denied)
    expect(await refusal(port, { headers: { cookie: 'session=1' } })).toEqual(denied)
    await authed(port, { headers: { origin: `http://127.0.0.1:${port}`, cookie: 'session=1' } })
    await authed(port)
  })

  it('S1: with allowedOrigins, only those are let in', async () => {
    const { serving } = await start({ allowedOrigins: ['https://app.example'] })
    const { port } = serving
    expect(await refusal(port, { headers: { origin: `http://127.0.0.1:${port}` } })).toEqual([
      403,
      'origin_denied',
    ])
    await authed(port, { headers: { origin: 'https://app.example' } })
  })

  it('refuses an upgrade whose authenticate says null, and one without a subprotocol', async () => {
    const { serving } = await start({ authenticate: () => null })
    expect(await refusal(serving.port)).toEqual([401, 'unauthenticated'])
    expect(await refusal(serving.port, {}, [])).toEqual([426, 'unsupported_version'])
  })

  it('closes 4406 where only other subprotocols are offered', async () => {
    const { serving } = await start()
    expect(await dial(serving.port, {}, ['holdfast.v9']).closed).toBe(4406)
  })

  it('S6: compression is off by default, and a bomb closes 1009 where it is on', async () => {
    const plain = await start()
    const peer = await authed(plain.serving.port, { perMessageDeflate: true })
    expect(peer.ws.extensions).toBe('')
    const { serving } = await start({}, true)
    const bomber = await authed(serving.port, { perMessageDeflate: true })
    bomber.send({ type: 'ping', id: 1, padding: 'x'.repeat(20_000_000) })
    expect(await bomber.closed).toBe(1009)
  })

  it('S7: an oversized frame, a flood of fragments, invalid UTF-8 and an unmasked frame are closed by their codes', async () => {
    const { serving } = await start()
    const close = (frame: Buffer): Promise<number> => rawClose(serving.port, frame)
    expect(await close(masked(0x81, Buffer.alloc(2_000_000, 0x61)))).toBe(1009)
    const fragments = [
      masked(0x01, Buffer.from('a')),
      ...Array.from({ length: 200_000 }, () => masked(0x00, Buffer.from('a'))),
    ]
    expect(await close(Buffer.concat(fragments))).toBe(1008)
    expect(await close(masked(0x81, Buffer.from([0xc3, 0x28])))).toBe(1007)
    expect(await close(Buffer.from([0x81, 0x01, 0x61]))).toBe(1002)
  })

  it('S8: hostile JSON is closed 4400 and pollutes nothing', async () => {
    const { serving } = await start()
    const texts = [
      '{"type":"ping","id":1,"__proto__":{"polluted":1}}',
      '{"type":"publish","id":1,"channel":"a","messages":[{"id":"m","data":{"constructor":1}}]}',
      `{"type":"publish","id":1,"channel":"a","messages":[{"id":"m","data":${'['.repeat(100)}${']'.repeat(100)}}]}`,
      '{"type":"ping","id":1e400}',
      '{"type":"ping","id":1,"id":2}',
      'no JSON',
    ]
    for (const text of texts) {
      const peer = await authed(serving.port)
      peer.ws.send(text)
      expect(await peer.closed).toBe(4400)
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    await authed(serving.port)
  })

  it('S9: a channel name of 1 MB is closed 4400 or 1009, and an idle unauthenticated socket 4408', async () => {
    const { serving } = await start({ authTimeoutMs: 20, heartbeatMs: 20 })
    const peer = await authed(serving.port)
    peer.send({ type: 'subscribe', id: 1, channels: [{ channel: 'x'.repeat(1_000_000) }] })
    expect(await peer.closed).toBe(4400)
    expect(await dial(serving.port).closed).toBe(4408)
  })

  it('writes nothing more once the peer has begun to close', async () => {
    const hub = createHub({ log: memoryLog(), open: true, logger: silent })
    const server = createServer()
    const errors: string[] = []
    server.on('connection', (socket) => socket.on('error', ({ message }) => errors.push(message)))
    attachWebSocket(server, hub)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(
      () => hub.close(),
      () => server.close(),
    )
    const peer = await authed((server.address() as AddressInfo).port)
    peer.send({ type: 'subscribe', id: 1, channels: [{ channel: 'room' }] })
    await peer.next('ok')
    let isClosed = false
    peer.closed.then(() => {
      isClosed = true
    })
    peer.ws.close()
    while (!isClosed) {
      await hub.publish('room', 'message', 'x')
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(errors).toEqual([])
  })

  it('L10: one client that does not read neither holds up the others nor grows memory, and loses nothing', async () => {
    const { hub, serving } = await start({ limits: { bufferedBytes: 262_144 } })
    const [slow, fast] = [await authed(serving.port), await authed(serving.port)]
    for (const peer of [slow, fast]) {
      peer.send({ type: 'subscribe', id: 1, channels: [{ channel: 'room' }] })
      await peer.next('ok')
    }
    slow.ws.pause()
    const text = 'x'.repeat(20_000)
    const count = 1_000
    const seen = (peer: Peer): number =>
      peer.frames
        .filter(({ type }) => type === 'messages')
        .reduce(
          (sum, frame) => Math.max(sum, (frame.seq as number) + (frame.items as unknown[]).length - 1),
          0,
        )
    for (let n = 0; n < count; n++) await hub.publish('room', 'message', text)
    await poll(() => seen(fast) === count)
    slow.ws.resume()
    await poll(() => seen(slow) === count)
    let next = 1
    for (const frame of slow.frames.filter(({ type }) => type === 'messages')) {
      expect(frame.seq).toBeLessThanOrEqual(next)
      next = Math.max(next, (frame.seq as number) + (frame.items as unknown[]).length)
    }
    expect(next).toBe(count + 1)
  })
})

async function poll(isDone: () => boolean): Promise<void> {
  while (!isDone()) await new Promise((resolve) => setTimeout(resolve, 5))
}

function masked(first: number, payload: Buffer): Buffer {
  const { length } = payload
  const size =
    length < 126
      ? [0x80 | length]
      : [0x80 | 127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((bits) => (length >>> bits) & 255)]
  // A mask of zeros leaves the payload as it is.
  return Buffer.concat([Buffer.from([first, ...size, 0, 0, 0, 0]), payload])
}

/** The code of the close frame that raw bytes bring about. */
function rawClose(port: number, bytes: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      const headers = ['GET /realtime HTTP/1.1', 'Host: a', 'Upgrade: websocket', 'Connection: Upgrade']
      const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
      const rest = [key, 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Protocol: holdfast.v1']
      socket.write(`${[...headers, ...rest].join('\r\n')}\r\n\r\n`)
    })
    let seen = Buffer.alloc(0)
    let isOpen = false
    socket.on('data', (chunk: Buffer) => {
      seen = Buffer.concat([seen, chunk])
      const end = seen.indexOf('\r\n\r\n')
      if (!isOpen && end >= 0) {
        isOpen = true
        seen = seen.subarray(end + 4)
        socket.write(bytes)
      }
      const at = seen.indexOf(0x88)
      if (isOpen && at >= 0 && seen.length >= at + 4) {
        resolve(seen.readUInt16BE(at + 2))
        socket.destroy()
      }
    })
    socket.on('error', reject)
    closing.push(() => socket.destroy())
  })
}
