import { onlineManager, QueryClient } from '@tanstack/query-core'
import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import type { Message } from '../channel/message.ts'
import { createClient } from '../client.ts'
import { defineContract } from '../contract/index.ts'
import {
  type BindOptions,
  bindQueryClient,
  type ChannelEntry,
  type ChannelKeys,
  type QueryKeys,
  type Unbind,
} from './index.ts'

const contract = defineContract({
  channels: {
    'room:{id}': { events: { message: z.object({ text: z.string(), at: z.string().transform(Number) }) } },
    'room:lobby': { events: { notice: z.string(), closed: z.boolean() } },
    orders: { events: { changed: z.object({ id: z.string() }) } },
    prices: {},
  },
})
const client = createClient({ transports: [], contract })
const plain = createClient({ transports: [] })
const queryClient = new QueryClient()
const id = String(Math.random())

describe('the types of a binding', () => {
  it('give each channel the messages of its events', () => {
    const unbind = bindQueryClient(client, queryClient, {
      channels: {
        'room:1': ({ data, event }) => {
          expectTypeOf(data).toEqualTypeOf<{ text: string; at: number }>()
          expectTypeOf(event).toEqualTypeOf<'message'>()
          return ['room', data.at]
        },
        'room:lobby': (message) => {
          expectTypeOf(message).toEqualTypeOf<Message<string, 'notice'> | Message<boolean, 'closed'>>()
          return message.event === 'closed' ? [['rooms'], ['notices']] : null
        },
        orders: ['orders'],
        prices: ['prices'],
      },
      onGap: ({ channel }) => [channel],
      onlineManager,
      waitMs: 5,
    })
    expectTypeOf(unbind).toEqualTypeOf<Unbind>()
  })

  it('refuse a channel that the contract has not, and say which there are', () => {
    // @ts-expect-error: not a channel of the contract
    bindQueryClient(client, queryClient, { channels: { 'rom:1': ['room'] } })
    type Known = 'room:{id}' | 'room:lobby' | 'orders' | 'prices'
    expectTypeOf<
      ChannelEntry<typeof contract, 'rom:1'>
    >().toEqualTypeOf<`The contract has no channel rom:1; it has ${Known}`>()
  })

  it('refuse what is no key', () => {
    // @ts-expect-error: a key is an array
    bindQueryClient(client, queryClient, { channels: { orders: 'orders' } })
    // @ts-expect-error: a key is an array
    bindQueryClient(client, queryClient, { channels: { orders: ({ data }) => data.id } })
    // @ts-expect-error: a promise is no key
    bindQueryClient(client, queryClient, { channels: { orders: async () => ['orders'] } })
    // @ts-expect-error: the messages of another channel
    bindQueryClient(client, queryClient, { channels: { orders: ({ data }: Message<boolean>) => [data] } })
    // @ts-expect-error: no such field in the event's data
    bindQueryClient(client, queryClient, { channels: { orders: ({ data }) => [data.name] } })
  })

  it('take a name that is known only at run time for any channel of the contract', () => {
    bindQueryClient(client, queryClient, {
      channels: {
        [`room:${id}`]: (message) => {
          expectTypeOf(message).toEqualTypeOf<
            | Message<{ text: string; at: number }, 'message'>
            | Message<string, 'notice'>
            | Message<boolean, 'closed'>
            | Message<{ id: string }, 'changed'>
          >()
          return ['room', id]
        },
      },
    })
    bindQueryClient(client, queryClient, {
      channels: {
        orders: ({ data }) => {
          expectTypeOf(data).toEqualTypeOf<{ id: string }>()
          return ['orders', data.id]
        },
        [`room:${id}`]: ({ event }) => {
          expectTypeOf(event).toEqualTypeOf<'message' | 'notice' | 'closed' | 'changed'>()
          return ['room', id]
        },
      },
    })
  })

  it('leave a client without a contract as it is', () => {
    bindQueryClient(plain, queryClient, {
      channels: {
        anything: (message) => {
          expectTypeOf(message).toEqualTypeOf<Message>()
          return [message.data]
        },
        [`anything:${id}`]: (message) => {
          expectTypeOf(message).toEqualTypeOf<Message>()
          return null
        },
      },
      onlineManager: false,
    })
    bindQueryClient(plain, queryClient, { channels: {} })
    const channels: Record<string, QueryKeys> = { a: ['a'] }
    bindQueryClient(plain, queryClient, { channels })
    const options: BindOptions = { channels: { a: ({ data }) => [data] } }
    bindQueryClient(plain, queryClient, options)
    expectTypeOf<ChannelEntry<undefined, 'x'>>().toEqualTypeOf<ChannelKeys>()
    expectTypeOf<readonly (readonly string[])[]>().toExtend<QueryKeys>()
  })
})
