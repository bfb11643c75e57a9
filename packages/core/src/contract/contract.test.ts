import { type } from 'arktype'
import * as v from 'valibot'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { defineContract } from './index.ts'

const contract = defineContract({
  channels: {
    'room:{id}': {
      events: {
        message: z.object({ text: z.string(), at: z.coerce.number().optional() }),
        typing: v.object({ isTyping: v.boolean() }),
      },
    },
    'room:lobby': { events: { notice: type({ lines: 'string[]' }) } },
    'file:{id}': { events: { part: z.instanceof(Uint8Array) } },
    silent: {},
  },
})

afterEach(() => vi.unstubAllEnvs())

describe('a contract', () => {
  it('takes what its validators take, whatever library they are of, and gives out what they put out', () => {
    expect(contract.validate('room:1', 'message', { text: 'hi', at: '5', extra: 1 })).toEqual({
      ok: true,
      value: { text: 'hi', at: 5 },
    })
    expect(contract.validate('room:1', 'typing', { isTyping: true })).toMatchObject({ ok: true })
    expect(contract.validate('room:lobby', 'notice', { lines: ['a'] })).toMatchObject({ ok: true })
    expect(contract.validate('file:1', 'part', new Uint8Array(2))).toMatchObject({ ok: true })
  })

  it('names the place of what is wrong', () => {
    const fault = (channel: string, event: string, data: unknown) => {
      const validation = contract.validate(channel, event, data)
      if (validation instanceof Promise || validation.ok) throw new Error('it was taken')
      return validation.fault
    }
    expect(fault('room:1', 'message', { text: 5 })).toMatchObject({
      code: 'contract_violation',
      path: 'data.text',
      message: expect.stringMatching(/^data\.text: .*string.* \(event message of room:1\)$/),
    })
    expect(fault('room:1', 'typing', {})).toMatchObject({ path: 'data.isTyping' })
    expect(fault('room:lobby', 'notice', { lines: ['a', 2] })).toMatchObject({ path: 'data.lines[1]' })
    expect(fault('file:1', 'part', 'text')).toMatchObject({ path: 'data' })
    expect(fault('room:lobby', 'message', { text: 'of the wider pattern' })).toMatchObject({
      code: 'contract_violation',
      path: 'event',
      message: 'event: room:lobby has no event message. It has: notice.',
    })
    expect(fault('room:1', 'toString', 1)).toMatchObject({ path: 'event' })
    expect(fault('silent', 'message', 1)).toMatchObject({ path: 'event' })
    expect(fault('room:1:2', 'message', {})).toMatchObject({ code: 'unknown_channel' })
  })

  it('tells of few issues, in a text that a frame can carry', () => {
    const wide = defineContract({
      channels: {
        c: { events: { e: z.object(Object.fromEntries([...'abcdefgh'].map((k) => [k, z.string()]))) } },
      },
    })
    const validation = wide.validate('c', 'e', {})
    if (validation instanceof Promise || validation.ok) throw new Error('it was taken')
    expect(validation.fault.message.match(/data\./g)).toHaveLength(3)
    expect(validation.fault.message).toContain('and 5 more')
    const long = defineContract({
      channels: { c: { events: { e: z.string().refine(() => false, 'x'.repeat(2_000)) } } },
    })
    const told = long.validate('c', 'e', 'text')
    if (told instanceof Promise || told.ok) throw new Error('it was taken')
    expect(told.fault.message.length).toBeLessThanOrEqual(1_000)
  })

  it('waits for an asynchronous validator', async () => {
    const slow = defineContract({
      channels: { c: { events: { e: z.string().refine(async (text) => text === 'free', 'is taken') } } },
    })
    expect(await slow.validate('c', 'e', 'free')).toEqual({ ok: true, value: 'free' })
    expect(await slow.validate('c', 'e', 'other')).toMatchObject({ ok: false, fault: { path: 'data' } })
    expect(() => slow.checkMessages('c', [{ event: 'e', data: 'other' }])).not.toThrow()
  })

  it('is checked itself', () => {
    const bad = (definition: unknown) => () => defineContract(definition as never)
    for (const definition of [
      {},
      { channels: { 'a{': {} } },
      { channels: { 'a:{x}': {}, 'a:{y}': {} } },
      { channels: { a: { events: { e: String } } } },
      { channels: { a: { presence: {} } } },
      { channels: {}, requests: { r: { input: z.string(), output: 1 } } },
    ])
      expect(bad(definition), JSON.stringify(definition)).toThrow(
        expect.objectContaining({ code: 'bad_config' }),
      )
  })

  it('checks for the client in development alone', () => {
    const check = () => contract.checkMessages('room:1', [{ data: { text: 1 } }])
    expect(check).toThrow(
      expect.objectContaining({
        code: 'contract_violation',
        path: 'data.text',
        class: 'input',
        retryWhen: 'never',
      }),
    )
    expect(() => contract.checkChannel('rom:1')).toThrow(
      expect.objectContaining({ code: 'unknown_channel', message: expect.stringContaining('room:{id}') }),
    )
    vi.stubEnv('NODE_ENV', 'production')
    expect(check).not.toThrow()
    expect(() => contract.checkChannel('rom:1')).not.toThrow()
  })
})
