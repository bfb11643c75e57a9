/** One slow reader among a hundred, on real sockets: what it costs the others. */
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createHub } from '../hub.ts'
import { memoryLog } from '../log/memory.ts'
import { serve } from '../mounts/node.ts'

const FAST = 100
const PER_SECOND = 100
const SECONDS = 4
/** What the slow one has to catch up with: more than the buffers of the system between it and the hub take. */
const HISTORY = 600
const LONG_TEXT = 'x'.repeat(20_000)
const CAP = 262_144
/** More than the handshake and the answers. */
const FIRST_BYTES = 2_000

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A reader that notes every message's number, and how long it was under way. */
async function reader(port: number, from: string) {
  const numbers: number[] = []
  let latencies: number[] = []
  const ws = new WebSocket(`ws://127.0.0.1:${port}/realtime`, ['holdfast.v1'], { perMessageDeflate: false })
  closing.push(() => ws.terminate())
  const isSubscribed = new Promise<void>((resolve, reject) => {
    ws.on('error', reject)
    ws.on('open', () => ws.send('{"type":"auth","id":0,"clientId":"c"}'))
    ws.on('message', (bytes) => {
      const frame = JSON.parse(String(bytes))
      if (frame.type === 'welcome')
        ws.send(`{"type":"subscribe","id":1,"channels":[{"channel":"room","from":"${from}"}]}`)
      if (frame.type === 'ok') resolve()
      if (frame.type !== 'messages') return
      const now = performance.now()
      for (const { data } of frame.items) {
        numbers.push(data.n)
        latencies.push(now - data.sentAt)
      }
    })
  })
  await isSubscribed
  const takeLatencies = (): number[] => {
    const taken = latencies
    latencies = []
    return taken
  }
  return { numbers, takeLatencies }
}

/** A way to a port on which the answers come 1 kB a second, until it is opened. */
async function narrowWay(port: number): Promise<{ port: number; open(): void }> {
  const upstreams: Socket[] = []
  const openers: (() => void)[] = []
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    upstreams.push(upstream, client)
    client.pipe(upstream)
    upstream.on('error', () => client.destroy())
    client.on('error', () => upstream.destroy())
    // The handshake, the welcome and the answer pass; the rest trickles.
    let passed = 0
    upstream.on('readable', () => {
      if (passed >= FIRST_BYTES) return
      const bytes = upstream.read() as Buffer | null
      passed += bytes?.length ?? 0
      if (bytes) client.write(bytes)
    })
    const trickle = setInterval(() => {
      const bytes = upstream.read(1_000) as Buffer | null
      if (bytes) client.write(bytes)
    }, 1_000)
    openers.push(() => {
      clearInterval(trickle)
      upstream.removeAllListeners('readable')
      upstream.pipe(client)
    })
    client.on('close', () => clearInterval(trickle))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    for (const socket of upstreams) socket.destroy()
    server.close()
  })
  return {
    port: (server.address() as { port: number }).port,
    open: () => {
      for (const open of openers) open()
    },
  }
}

it('L10: a client that reads 1 kB/s adds at most 5 ms to the p99 of a hundred fast ones, keeps to its cap, and completes', async () => {
  const hub = createHub({ log: memoryLog(), open: true, limits: { bufferedBytes: CAP } })
  const links: { bufferedBytes: number }[] = []
  const { connect: connectSession } = hub
  hub.connect = (link, ...rest) => {
    links.push(link)
    return connectSession.call(hub, link, ...rest)
  }
  const serving = await serve(hub, { port: 0, host: '127.0.0.1' })
  closing.push(() => serving.close({ drainMs: 100 }))
  let n = 0
  while (n < HISTORY) await hub.publish('room', 'message', { n: ++n, text: LONG_TEXT })
  const fast = await Promise.all(Array.from({ length: FAST }, () => reader(serving.port, 'now')))

  let mostBuffered = 0
  async function publishFor(seconds: number): Promise<number> {
    const startedAt = performance.now()
    for (let sent = 0; sent < seconds * PER_SECOND; sent++) {
      await sleep(Math.max(1, startedAt + (sent * 1_000) / PER_SECOND - performance.now()))
      await hub.publish('room', 'message', { n: ++n, sentAt: performance.now() })
      for (const link of links) mostBuffered = Math.max(mostBuffered, link.bufferedBytes)
    }
    await sleep(200)
    const latencies = fast.flatMap(({ takeLatencies }) => takeLatencies()).toSorted((a, b) => a - b)
    return latencies[Math.floor(latencies.length * 0.99)] as number
  }

  await publishFor(1)
  const before = await publishFor(SECONDS)
  const way = await narrowWay(serving.port)
  const slow = await reader(way.port, 'earliest')
  await sleep(400)
  const after = await publishFor(SECONDS)
  expect(after - before).toBeLessThanOrEqual(5)
  // What a frame may hold can come on top of the cap.
  expect(mostBuffered).toBeGreaterThan(CAP / 4)
  expect(mostBuffered).toBeLessThanOrEqual(CAP + 65_536)
  expect(slow.numbers.length).toBeLessThan(n)

  way.open()
  await expect.poll(() => slow.numbers.length, { timeout: 20_000 }).toBe(n)
  const all = Array.from({ length: n }, (_, at) => at + 1)
  expect(slow.numbers).toEqual(all)
  for (const { numbers } of fast) expect(numbers).toEqual(all.slice(HISTORY))
}, 60_000)
