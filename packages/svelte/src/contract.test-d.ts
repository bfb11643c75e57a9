import type { Channel, Client, Message } from '@holdfast/core'
import { defineContract } from '@holdfast/core/contract'
import { get } from 'svelte/store'
import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import {
  type ChannelProps,
  useChannel as plainUseChannel,
  useMessages as plainUseMessages,
  provideHoldfast,
  withContract,
} from './index.ts'

const contract = defineContract({
  channels: {
    'room:{id}': {
      events: {
        message: z.object({ text: z.string(), at: z.string().transform(Number) }),
        typing: z.object({ isTyping: z.boolean() }),
      },
    },
    lobby: { events: { notice: z.string() } },
  },
})
const {
  useChannel,
  useMessages,
  usePublish,
  useHoldfast,
  channelStore,
  Channel: Element,
} = withContract<typeof contract>()
declare const client: Client<typeof contract>
interface Said {
  text: string
  at: number
}
interface Typing {
  isTyping: boolean
}
const id = 1 as number
declare const visit: { readonly channel: `room:${string}`; readonly maybe: `room:${string}` | null }

describe('the functions of a contract', () => {
  it('useChannel: name, event and handler', () => {
    useChannel('room:1', 'message', ({ data }) => expectTypeOf(data).toEqualTypeOf<Said>())
    useChannel(`room:${id}`, 'typing', ({ data }) => expectTypeOf(data).toEqualTypeOf<Typing>())
    useChannel('room:1', undefined, (message) => {
      if (message.event === 'typing') expectTypeOf(message.data).toEqualTypeOf<Typing>()
    })
    useChannel(null)
    useChannel(id > 0 ? 'room:1' : null, 'message')
    // @ts-expect-error: no such channel
    useChannel('rom:1')
    // @ts-expect-error: any text may be none
    useChannel('room:1' as string)
    // @ts-expect-error: no such event
    useChannel('room:1', 'mesage')
    // @ts-expect-error: no event of this channel
    useChannel('lobby', 'message')
    // @ts-expect-error: of another event
    useChannel('room:1', 'typing', (message: Message<Said, 'message'>) => message)
    type Lobby = Channel<{ notice: { input: string; output: string } }>
    expectTypeOf(useChannel('lobby').channel).toExtend<Lobby | null>()
  })

  it('names, events and options may be getters', () => {
    useChannel(
      () => `room:${id}`,
      'typing',
      ({ data }) => expectTypeOf(data).toEqualTypeOf<Typing>(),
      () => ({ params: { id } }),
    )
    useChannel(
      () => (id > 0 ? `room:${id}` : null),
      () => 'message',
      ({ data }) => expectTypeOf(data).toEqualTypeOf<Said>(),
    )
    const room = useMessages(
      () => `room:${id}`,
      () => ({ event: 'message', limit: id }),
    )
    expectTypeOf(room.messages[0]?.data).toEqualTypeOf<Said | undefined>()
    usePublish(() => `room:${id}`).publish('typing', { isTyping: true })
    usePublish(() => visit.channel).publish('typing', { isTyping: true })
    expectTypeOf(useMessages(() => visit.maybe, { event: 'message' }).messages[0]?.data).toEqualTypeOf<
      Said | undefined
    >()
    useChannel(
      () => visit.maybe,
      'message',
      ({ data }) => expectTypeOf(data).toEqualTypeOf<Said>(),
    )
    // @ts-expect-error: no such channel
    useChannel(() => `rom:${id}`)
    // @ts-expect-error: any text may be none
    useChannel(() => 'room:1' as string)
    // @ts-expect-error: no such channel
    useMessages(() => 'rom:1')
    // @ts-expect-error: no such event
    useChannel('room:1', () => 'mesage')
    // @ts-expect-error: no such channel
    usePublish(() => 'rom:1')
  })

  it('a wrong name is told in words', () => {
    type Name = Parameters<typeof usePublish<'rom:1'>>[0]
    expectTypeOf<Extract<Name, string>>().toEqualTypeOf<
      | 'The contract has no channel rom:1; it has room:{id}'
      | 'The contract has no channel rom:1; it has lobby'
    >()
  })

  it('useMessages: the messages of all events, or of one', () => {
    const room = useMessages('room:1')
    for (const message of room.messages)
      if (message.event === 'message') expectTypeOf(message.data).toEqualTypeOf<Said>()
      else expectTypeOf(message.data).toEqualTypeOf<Typing>()
    expectTypeOf([room.gaps.length, room.isLoading, room.error?.code, room.status.status]).toBeArray()
    // @ts-expect-error: they are not the application's to set
    room.isLoading = true
    const [said] = useMessages('room:1', { event: 'message', limit: 5 }).messages
    if (said) expectTypeOf(said.data).toEqualTypeOf<Said>()
    if (said?.local) expectTypeOf(said.local.state).toEqualTypeOf<'pending' | 'confirmed' | 'failed'>()
    useMessages(null)
    // @ts-expect-error: no such channel
    useMessages('rom:1')
    // @ts-expect-error: no such event
    useMessages('room:1', { event: 'mesage' })
  })

  it('usePublish: inputs', () => {
    const { publish } = usePublish('room:1')
    publish('message', { text: 'hi', at: '5' })
    usePublish(null)
    // @ts-expect-error: the input is text
    publish('message', { text: 'hi', at: 5 })
    // @ts-expect-error: no such event
    publish('mesage', { text: 'hi', at: '5' })
    // @ts-expect-error: no such channel
    usePublish('rom:1')
  })

  it('channelStore: the messages of all events, or of one', () => {
    const [said] = get(channelStore(client, 'room:1', { event: 'message' })).messages
    expectTypeOf(said?.data).toEqualTypeOf<Said | undefined>()
    expectTypeOf(get(channelStore(client, 'lobby')).messages[0]?.data).toEqualTypeOf<string | undefined>()
    // @ts-expect-error: no such channel
    channelStore(client, 'rom:1')
    // @ts-expect-error: no such event
    channelStore(client, 'room:1', { event: 'mesage' })
  })

  it('<Channel>: name, event and handler', () => {
    const target = document.body
    const handler = ({ data }: Message<Said, 'message'>) => void data.text.length
    new Element({ target, props: { channel: 'room:1', event: 'message', handler } })
    new Element({
      target,
      props: { channel: 'room:1', event: 'typing', handler: ({ data }) => void data.isTyping },
    })
    new Element({
      target,
      props: {
        channel: 'room:1',
        handler: (message) => void message.id,
        params: { token: 'x' },
        onGap: () => undefined,
      },
    })
    new Element({ target, props: { channel: null } })
    // @ts-expect-error: no such channel
    new Element({ target, props: { channel: 'rom:1' } })
    // @ts-expect-error: no such event
    new Element({ target, props: { channel: 'room:1', event: 'mesage' } })
    // @ts-expect-error: of another event
    new Element({ target, props: { channel: 'room:1', event: 'typing', handler } })
    // @ts-expect-error: no such prop
    new Element({ target, props: { channel: 'room:1', evnet: 'message' } })
  })

  it('the client and its channels', () => {
    provideHoldfast(client)
    expectTypeOf(useHoldfast().channel('lobby').publish).parameter(1).toEqualTypeOf<string>()
    // @ts-expect-error: no such channel
    useHoldfast().channel('rom:1')
  })

  it('without a contract everything is unknown', () => {
    expectTypeOf(plainUseMessages('any').messages[0]?.data).toEqualTypeOf<unknown>()
    plainUseChannel(
      () => 'any',
      () => 'event',
      ({ data }) => expectTypeOf(data).toEqualTypeOf<unknown>(),
    )
    expectTypeOf<ChannelProps['channel']>().toEqualTypeOf<string | null>()
  })
})
