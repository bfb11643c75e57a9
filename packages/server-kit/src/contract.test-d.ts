import { createServer } from 'node:http'
import { defineContract } from '@holdfast/core/contract'
import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { attachWebSocket } from './endpoints/websocket.ts'
import { createHub, type Hub } from './hub.ts'
import { memoryLog } from './log/memory.ts'

const contract = defineContract({
  channels: {
    'room:{id}': { events: { message: z.object({ text: z.string(), at: z.string().transform(Number) }) } },
    'user:{id}:{box}': { events: { note: z.string() } },
  },
})
const hub = createHub({
  log: memoryLog(),
  contract,
  channels: {
    'room:{id}': {
      authorize: ({ params, clientParams }) => {
        expectTypeOf(params).toEqualTypeOf<{ readonly id: string }>()
        return clientParams === null
      },
      onPublish: (message) => {
        expectTypeOf(message.data).toEqualTypeOf<{ text: string; at: number }>()
        return message.event === 'message'
      },
    },
    'user:{id}:{box}': {
      authorize: ({ params: { id, box } }) => id === box,
    },
  },
})

describe('the types of a hub with a contract', () => {
  it('know what may be published where', () => {
    hub.publish('room:1', 'message', { text: 'hi', at: '5' })
    // @ts-expect-error: the input is text
    hub.publish('room:1', 'message', { text: 'hi', at: 5 })
    // @ts-expect-error: no such event
    hub.publish('room:1', 'note', 'hi')
    // @ts-expect-error: no such channel
    hub.publish('rom:1', 'message', { text: 'hi', at: '5' })
    hub.publishBatch('user:1:in', [{ event: 'note', data: 'hi' }])
    // @ts-expect-error: of another channel
    hub.publishBatch('user:1:in', [{ data: { text: 'hi', at: '5' } }])
  })

  it('know the patterns', () => {
    // @ts-expect-error: no pattern of the contract
    createHub({ log: memoryLog(), contract, channels: { 'rom:{id}': {} } })
  })

  it('leave a hub without a contract as it is', () => {
    const plain = createHub({
      log: memoryLog(),
      channels: { 'a:{b}': { onPublish: ({ data }) => data !== null } },
    })
    expectTypeOf(plain).toEqualTypeOf<Hub>()
    attachWebSocket(createServer(), hub)
    plain.publish('any' as string, 'any', { any: 1 })
  })
})
