import { defineContract } from '@holdfast/core/contract'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createHub } from './hub.ts'
import { memoryLog } from './log/memory.ts'
import { endHubs, join, lines, startHub } from './testing/start-hub.ts'

const contract = defineContract({
  channels: {
    'room:{id}': {
      events: {
        message: z.object({ text: z.string().trim(), at: z.coerce.number().optional() }),
        slow: z.string().refine(async (text) => text !== 'taken', 'is taken'),
      },
    },
    'live:{id}': { events: { move: z.number() } },
  },
})

const channels = { 'live:{id}': { durable: false } }
const start = (options = {}) => startHub({ contract, channels, ...options })
const publish = (channel: string, data: unknown, event?: string) => ({
  type: 'publish' as const,
  channel,
  messages: [{ id: 'm1', data, ...(event === undefined ? {} : { event }) }],
})

afterEach(endHubs)

describe('a hub with a contract', () => {
  it('stores what the validator put out, also of the server itself', async () => {
    const hub = start()
    const client = await join(hub)
    await client.ok({ type: 'subscribe', channels: [{ channel: 'room:1' }] })
    await client.ok(publish('room:1', { text: ' hi ', at: '5', more: true }))
    await hub.publish('room:1', 'message', { text: 'from the server ' })
    await client.ok({ type: 'ping' })
    const { runs } = await client.ok({ type: 'history', channel: 'room:1' })
    expect(runs?.flatMap(({ items }) => items)).toMatchObject([
      { data: { text: 'hi', at: 5 } },
      { data: { text: 'from the server' } },
    ])
  })

  it('refuses what is not of it, with the place, and stores nothing', async () => {
    const hub = start()
    const client = await join(hub)
    expect(await client.ask(publish('room:1', { text: 5 }))).toMatchObject({
      type: 'error',
      error: { code: 'contract_violation', path: 'data.text', message: expect.stringContaining('room:1') },
    })
    expect(await client.ask(publish('room:1', 1, 'mesage'))).toMatchObject({
      error: { code: 'contract_violation', path: 'event' },
    })
    expect(await client.ask(publish('room:1', 'taken', 'slow'))).toMatchObject({
      error: { code: 'contract_violation', path: 'data' },
    })
    expect(await client.ask(publish('live:1', 'far', 'move'))).toMatchObject({
      error: { code: 'contract_violation' },
    })
    await client.ok(publish('room:1', 'free', 'slow'))
    await expect(hub.publish('room:1', 'message', { text: 5 } as never)).rejects.toMatchObject({
      code: 'contract_violation',
      path: 'data.text',
    })
    const { runs } = await client.ok({ type: 'history', channel: 'room:1' })
    expect(runs?.flatMap(({ items }) => items)).toMatchObject([{ data: 'free' }])
  })

  it('stores no output that JSON would change, and says so to its log', async () => {
    for (const output of [new Date(0), new Map(), Number.NaN]) {
      const odd = defineContract({
        channels: { c: { events: { message: z.string().transform(() => ({ output })) } } },
      })
      const hub = startHub({ contract: odd })
      const client = await join(hub)
      expect(await client.ask(publish('c', 'text'))).toMatchObject({ error: { code: 'internal' } })
      expect(lines.join()).toContain("The contract's output")
      const { runs } = await client.ok({ type: 'history', channel: 'c' })
      expect(runs).toEqual([])
    }
  })

  it('knows no other channels, and says nothing of those it has', async () => {
    const hub = start()
    const client = await join(hub)
    const answer = await client.ask(publish('rom:1', {}))
    expect(answer).toMatchObject({ error: { code: 'unknown_channel' } })
    expect(JSON.stringify(answer)).not.toContain('room')
    const { channels } = await client.ok({ type: 'subscribe', channels: [{ channel: 'room:1:2' }] })
    expect(channels).toMatchObject([{ error: { code: 'unknown_channel' } }])
  })

  it('asks a hook about what the validator put out, and nobody about what it refused', async () => {
    const asked: unknown[] = []
    const onPublish = (message: { data: unknown }): undefined => void asked.push(message.data)
    const hub = start({ channels: { 'room:{id}': { onPublish } } })
    const client = await join(hub)
    await client.ok(publish('room:1', { text: ' hi ' }))
    await client.ask(publish('room:1', {}))
    expect(asked).toEqual([{ text: 'hi' }])
  })

  it('answers a resend as the first try, though the contract has changed', async () => {
    const log = memoryLog()
    const first = await join(startHub({ log, contract }), undefined)
    await first.ok(publish('room:1', { text: 'hi' }))
    const stricter = defineContract({ channels: { 'room:{id}': { events: { message: z.never() } } } })
    // The same anonymous identity, on a hub of the next deploy.
    const hub = startHub({
      log,
      contract: stricter,
      authenticate: () => ({ id: first.session.identity?.id ?? '' }),
    })
    const second = await join(hub, 'token')
    expect(await second.ask({ ...publish('room:1', { text: 'hi' }), ageMs: 5_000 })).toMatchObject({
      type: 'ok',
      duplicate: true,
    })
    expect(
      await second.ask({
        ...publish('room:1', { text: 'other' }),
        messages: [{ id: 'm2', data: 1 }],
        ageMs: 5,
      }),
    ).toMatchObject({
      error: { code: 'contract_violation' },
    })
  })

  it('is checked with the other options', () => {
    const hub = (options: object) => () => createHub({ log: memoryLog(), ...options } as never)
    expect(hub({ contract: {} })).toThrow('contract must be made by defineContract()')
    expect(hub({ contract, channels: { 'rom:{id}': {} } })).toThrow(
      "channels['rom:{id}'] is no pattern of the contract",
    )
  })
})

describe('params of a subscription (P3)', () => {
  it('reach authorize and onSubscribe', async () => {
    const seen: unknown[] = []
    const hub = startHub({
      channels: {
        'private:{id}': {
          authorize: ({ action, clientParams }) => {
            seen.push([action, clientParams])
            return action !== 'subscribe' || clientParams?.token === 'secret'
          },
          onSubscribe: ({ clientParams }) => void seen.push(['hook', clientParams]),
        },
      },
    })
    const client = await join(hub)
    const subscribe = (params?: Record<string, unknown>) =>
      client.ok({ type: 'subscribe', channels: [{ channel: 'private:1', ...(params ? { params } : {}) }] })
    expect((await subscribe()).channels).toMatchObject([{ error: { code: 'forbidden' } }])
    const params = { userId: 7, token: 'secret' }
    expect((await subscribe(params)).channels).toMatchObject([{ recovered: true }])
    await client.ok(publish('private:1', 1))
    expect(seen).toEqual([
      ['subscribe', null],
      ['subscribe', params],
      ['hook', params],
      ['publish', null],
    ])
  })
})
