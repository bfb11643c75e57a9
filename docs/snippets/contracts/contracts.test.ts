import type { Message } from '@holdfast/core'
import { defineContract } from '@holdfast/core/contract'
import { createHub, memoryLog } from '@holdfast/server-kit'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { passing, setStage } from '../kit/stage.ts'
import { clientWithContract, type Typed, whatDoesNotCompile, whatIsRefused } from './client.ts'
import { contract as libraries } from './libraries.ts'
import { addTask, contract as tasks } from './outputs.ts'
import { hubWithContract } from './server.ts'

const stage = setStage()

async function staged(): Promise<{ client: Typed; shown: string[] }> {
  stage.use(await hubWithContract())
  const shown: string[] = []
  const client = stage.own(clientWithContract((text) => shown.push(text)))
  await passing()
  return { client, shown }
}

describe('a contract', () => {
  it('lets what it has through, and the hub change it', async () => {
    const { client, shown } = await staged()
    expect(shown).toEqual(['hello'])
    const names: string[] = []
    client.channel('room:42').subscribe('typing', ({ data }) => names.push(data.name))
    await Promise.all([client.channel('room:42').publish('typing', { name: 'somebody else' }), passing()])
    expect(names).toEqual([client.identity$.value?.id])
  })

  it('gives the most specific pattern its rules', async () => {
    const { client } = await staged()
    const notices: string[] = []
    client.channel('room:lobby').subscribe({ from: 'earliest' }, ({ data }) => notices.push(data))
    await passing()
    expect(notices).toEqual(['Welcome'])
    const refused = client.channel('room:lobby').publish('notice', 'mine')
    await expect(Promise.all([refused, passing()])).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('refuses in development what does not compile, before anything is sent', async () => {
    const { client } = await staged()
    expect(() => whatDoesNotCompile(client)).toThrow('The contract has no channel rom:42')
    const told: string[] = []
    await whatIsRefused(client, (text) => told.push(text))
    expect(told.slice(0, 2)).toEqual(['contract_violation', 'data.text'])
    expect(told[2]).toMatch(/^data\.text: Too small: .* \(event message of room:42\)$/)
  })

  it('holds on the hub, whoever sends: a client without it, or one in production', async () => {
    const { shown } = await staged()
    const plain = stage.client().channel('room:42')
    await expect(Promise.all([plain.publish('message', { text: 42 }), passing()])).rejects.toMatchObject({
      code: 'contract_violation',
      path: 'data.text',
    })
    await expect(Promise.all([plain.publish('massage', {}), passing()])).rejects.toMatchObject({
      path: 'event',
    })
    vi.stubEnv('NODE_ENV', 'production')
    const client = stage.own(clientWithContract(() => undefined))
    const told: string[] = []
    await Promise.all([whatIsRefused(client, (text) => told.push(text)), passing()])
    expect(told.slice(0, 2)).toEqual(['contract_violation', 'data.text'])
    const rom = (client as unknown as ReturnType<typeof stage.client>).channel('rom:42')
    await expect(Promise.all([rom.subscribe(() => undefined).ready, passing()])).rejects.toMatchObject({
      code: 'unknown_channel',
    })
    vi.unstubAllEnvs()
    expect(shown).toEqual(['hello', 'hello'])
  })

  it('takes validators of any library', async () => {
    const hub = createHub({ log: memoryLog(), open: true, contract: libraries })
    stage.use(hub)
    await hub.publish('orders', 'paid', { id: '7', total: 3 })
    await hub.publish('track:7', 'moved', { lat: 1, long: 2 })
    await expect(hub.publish('stock:7', 'changed', { left: -1 })).rejects.toMatchObject({
      code: 'contract_violation',
      path: 'data.left',
    })
  })

  it('stores what its validators put out', async () => {
    stage.use(createHub({ log: memoryLog(), open: true, contract: tasks }))
    const shown: Message[] = []
    const [client] = await Promise.all([addTask((message) => shown.push(message)), passing()])
    stage.own(client)
    expect(shown.map(({ data }) => data)).toEqual([{ title: 'Write', priority: 0 }])
  })

  it('stores no output that JSON would change, and leaves alone what a hook makes of them', async () => {
    const dates = defineContract({
      channels: { log: { events: { at: z.coerce.date(), text: z.string() } } },
    })
    const hub = stage.use(
      createHub({
        log: memoryLog(),
        contract: dates,
        open: true,
        channels: { log: { onPublish: () => ({ data: 42 }) } },
      }),
    )
    await expect(hub.publish('log', 'at', '2026-01-01')).rejects.toMatchObject({ code: 'internal' })
    const client = stage.client()
    const seen: unknown[] = []
    client.channel('log').subscribe({ from: 'earliest' }, ({ data }) => seen.push(data))
    await Promise.all([client.channel('log').publish('text', 'a text'), passing()])
    expect(seen).toEqual([42])
  })
})
