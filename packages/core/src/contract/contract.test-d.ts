import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import type { Channel } from '../channel/channel.ts'
import type { Message } from '../channel/message.ts'
import { type Client, createClient } from '../client.ts'
import { type ChannelArgument, type ChannelName, defineContract, type EventsOf } from './index.ts'

const contract = defineContract({
  channels: {
    'room:{id}': {
      events: {
        message: z.object({ text: z.string(), at: z.string().transform(Number) }),
        typing: z.object({ isTyping: z.boolean() }),
      },
    },
    'room:lobby': { events: { notice: z.string() } },
    'a:{x}:{y}': { events: { both: z.number() } },
    'a:b:{y}': { events: { second: z.number() } },
  },
})
type C = typeof contract
const client = createClient({ transports: [], contract })

describe('the types of a contract', () => {
  it('know its channels', () => {
    expectTypeOf<ChannelName<C>>().toEqualTypeOf<
      `room:${string}` | 'room:lobby' | `a:${string}:${string}` | `a:b:${string}`
    >()
    expectTypeOf<ChannelArgument<C, 'room:1'>>().toEqualTypeOf<'room:1'>()
    expectTypeOf<ChannelArgument<C, `room:${number}`>>().toEqualTypeOf<`room:${number}`>()
  })

  it('say of a channel that there is none what there is', () => {
    type Named = 'room:{id}' | 'room:lobby' | 'a:{x}:{y}' | 'a:b:{y}'
    expectTypeOf<
      ChannelArgument<C, 'rom:1'>
    >().toEqualTypeOf<`The contract has no channel rom:1; it has ${Named}`>()
    // A parameter holds no colon.
    expectTypeOf<ChannelArgument<C, 'room:1:2'>>().toBeString()
    expectTypeOf<ChannelArgument<C, 'room:1:2'>>().not.toEqualTypeOf<'room:1:2'>()
    // @ts-expect-error: not a channel of the contract
    client.channel('rom:1')
    // @ts-expect-error: any text may be none
    client.channel('room:1' as string)
  })

  it('take the most specific pattern', () => {
    expectTypeOf<keyof EventsOf<C, 'room:1'>>().toEqualTypeOf<'message' | 'typing'>()
    expectTypeOf<keyof EventsOf<C, 'room:lobby'>>().toEqualTypeOf<'notice'>()
    expectTypeOf<keyof EventsOf<C, 'a:b:1'>>().toEqualTypeOf<'second'>()
    expectTypeOf<keyof EventsOf<C, 'a:c:1'>>().toEqualTypeOf<'both'>()
  })

  it('keep inputs and outputs apart', () => {
    const room = client.channel('room:1')
    room.publish('message', { text: 'hi', at: '5' })
    // @ts-expect-error: the input is text
    room.publish('message', { text: 'hi', at: 5 })
    // @ts-expect-error: text is missing
    room.publish('message', { at: '5' })
    // @ts-expect-error: no such event
    room.publish('mesage', { text: 'hi', at: '5' })
    room.subscribe('message', ({ data, event }) => {
      expectTypeOf(data).toEqualTypeOf<{ text: string; at: number }>()
      expectTypeOf(event).toEqualTypeOf<'message'>()
    })
    room.subscribe((message) => {
      if (message.event === 'typing') expectTypeOf(message.data).toEqualTypeOf<{ isTyping: boolean }>()
    })
    room.subscribe({ event: 'typing', from: 'earliest' }, ({ data }) =>
      expectTypeOf(data).toEqualTypeOf<{ isTyping: boolean }>(),
    )
    // @ts-expect-error: no such event
    room.subscribe('mesage', () => undefined)
    room.publishBatch([{ data: { text: 'a', at: '1' } }, { event: 'typing', data: { isTyping: true } }])
    // @ts-expect-error: of the other event
    room.publishBatch([{ event: 'typing', data: { text: 'a', at: '1' } }])
    const lobby = client.channel('room:lobby')
    // @ts-expect-error: the event must be named where it is not `message`
    lobby.publishBatch([{ data: 'x' }])
  })

  it('leave a client without a contract as it is', () => {
    const plain = createClient({ transports: [] })
    expectTypeOf(plain).toEqualTypeOf<Client>()
    expectTypeOf(plain.channel('anything')).toEqualTypeOf<Channel>()
    plain.channel('anything' as string).publish('any event', { any: 'data' })
    plain
      .channel('x')
      .subscribe('e', (message) => expectTypeOf(message).toEqualTypeOf<Message<unknown, 'e'>>())
  })
})
