import { describe, expect, it, vi } from 'vitest'
import { addressOf, inOwnFolder, onFreePorts } from '../kit/machine.ts'
import { passing, setStage } from '../kit/stage.ts'
import * as server from './server.ts'

const stage = setStage()
const as = (user: string) => stage.client({ auth: () => ({ token: user }) })

async function codeOf(promise: Promise<unknown>, ms = 0): Promise<string> {
  const outcome = promise.then(
    () => 'taken',
    ({ code }) => code,
  )
  await passing(ms)
  return outcome
}

describe('a hub', () => {
  it('keeps its log in a file, which has one owner', async () => {
    inOwnFolder()
    const hub = stage.use(server.smallestHub())
    await hub.publish('room:1', 'message', 1)
    vi.spyOn(console, 'error').mockReturnValue()
    const second = server.smallestHub()
    await expect(second.ready).rejects.toMatchObject({ code: 'log_busy' })
    await Promise.all([hub.close({ drainMs: 1 }), passing(100)])
    const again = stage.use(server.smallestHub())
    const seen: unknown[] = []
    stage
      .client()
      .channel('room:1')
      .subscribe({ from: 'earliest' }, ({ data }) => seen.push(data))
    await passing()
    expect(seen).toEqual([1])
    expect(again.health()).toMatchObject({ status: 'ok', sessions: 1, channels: 1 })
  })

  it('serves on a port of its own', async () => {
    onFreePorts()
    const once = vi.spyOn(process, 'once')
    const { port, close } = await server.serveAlone(stage.hub())
    const answer = await fetch(`http://127.0.0.1:${port}/realtime/health`)
    expect(await answer.json()).toMatchObject({ status: 'ok' })
    expect((await fetch(`http://127.0.0.1:${port}/elsewhere`)).status).toBe(404)
    expect(once).toHaveBeenCalledWith('SIGTERM', expect.any(Function))
    process.removeAllListeners('SIGTERM')
    await Promise.all([close({ drainMs: 1 }), passing(100)])
  })

  it('is mounted in Express', async () => {
    onFreePorts()
    const http = server.mountInExpress(stage.hub())
    const address = await addressOf(http)
    expect(await (await fetch(address)).text()).toBe('the page')
    expect(await (await fetch(`${address}/realtime/health`)).json()).toMatchObject({ status: 'ok' })
    expect((await fetch(`${address}/realtime`)).status).toBe(426)
    http.closeAllConnections()
    http.close()
  })

  it('publishes by itself, once', async () => {
    const hub = stage.hub()
    await server.publishFromServer(hub, { id: '7', total: 3 })
    await server.publishFromServer(hub, { id: '7', total: 3 })
    const events: string[] = []
    stage
      .client()
      .channel('orders')
      .subscribe({ from: 'earliest' }, ({ event, sender }) => events.push(`${event} ${sender}`))
    await passing()
    expect(events).toEqual(['paid null', 'packed null', 'sent null', 'packed null', 'sent null'])
  })

  it('asks its hooks', async () => {
    const hub = stage.use(server.hubWithHooks())
    for (let n = 1; n <= 150; n++) await hub.publish('room:1', 'message', n)
    const [ann, cid] = [as('ann'), as('cid')]
    const seen: Record<string, unknown[]> = { ann: [], cid: [] }
    const gaps: unknown[] = []
    cid.channel('room:1').gap$.subscribe((gap) => gaps.push(gap))
    ann.channel('room:1').subscribe({ from: 'earliest' }, ({ data }) => seen.ann?.push(data))
    cid.channel('room:1').subscribe(({ data }) => seen.cid?.push(data))
    await passing()
    expect(seen.ann).toHaveLength(100)
    await Promise.all([ann.channel('room:1').publish('message', ' hello '), passing()])
    expect(seen.cid).toEqual([{ text: 'hello', by: 'ann' }])
    expect(await codeOf(as('ben').channel('room:1').publish('message', 'hello'))).toBe('forbidden')
    await hub.publish('room:1', 'internal', 'a note')
    await hub.publish('room:1', 'ad', 'buy')
    await passing()
    expect(seen.ann?.at(-1)).toBe('buy')
    expect(seen.cid?.at(-1)).toEqual({ text: 'hello', by: 'ann' })
    await hub.publish('room:1', 'message', 'after')
    await passing()
    expect([seen.cid?.at(-1), gaps]).toEqual(['after', []])
  })

  it('says how long to wait, and clients do', async () => {
    let isFull = true
    stage.use(server.hubThatRefuses(() => isFull))
    const client = stage.client()
    const sent = client.channel('room:1').publish('message', 1)
    await passing(4_000)
    expect(client.outbox$.value).toHaveLength(1)
    isFull = false
    expect(await codeOf(sent, 30_000)).toBe('taken')
  })

  it('holds its limits', async () => {
    const hub = stage.use(server.hubWithLimits())
    const request = (origin: string) => ({ headers: { host: 'x', origin }, url: '/', remoteAddress: '' })
    await expect(hub.admit(request('https://else.example'), false)).rejects.toMatchObject({
      code: 'origin_denied',
    })
    expect(await hub.admit(request('https://app.example'), false)).toBeUndefined()
    expect(hub.limits).toMatchObject({ messageBytes: 16_384, channelsPerClient: 50, batchMessages: 1_000 })
    await expect(hub.publish('room:1', 'message', 'x'.repeat(20_000))).rejects.toMatchObject({
      code: 'message_too_large',
    })
  })

  it('tells what happens, and closes', async () => {
    const hub = stage.hub({
      logger: { debug() {}, info() {}, warn() {}, error() {} },
      channels: {
        'room:{id}': {
          onPublish: () => {
            throw new Error('a defect')
          },
        },
      },
    })
    const log: string[] = []
    const unlisten = server.watch(hub, (text) => log.push(text))
    const client = stage.client({ outbox: false })
    client.connect()
    await passing()
    await hub.publish('room:1', 'message', 1)
    const failed = client.channel('room:1').publish('message', 2)
    expect(await codeOf(failed)).toBe('internal')
    expect(log[0]).toMatch(/^anon-\S+ came \(\S+\)$/)
    expect(log[1]).toBe('1 on room:1 by the server')
    expect(log[2]).toMatch(/^\S+ \S+: Error: a defect$/)
    unlisten()
    await Promise.all([server.shutDown(hub), passing(100)])
    expect(hub.health().status).toBe('draining')
    await passing(100)
    expect(client.status).toBe('CONNECTING')
  })
})
