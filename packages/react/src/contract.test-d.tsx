import type { Channel, Message } from '@holdfast/core'
import { defineContract } from '@holdfast/core/contract'
import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { useMessages, withContract } from './index.ts'

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
const hooks = withContract<typeof contract>()
const { useChannel, usePublish, useHoldfast } = hooks
interface Said {
  text: string
  at: number
}

describe('the hooks of a contract', () => {
  it('useChannel: name, event and handler', () => {
    useChannel('room:1', 'message', ({ data }) => expectTypeOf(data).toEqualTypeOf<Said>())
    useChannel(`room:${1 as number}`, 'typing', ({ data }) =>
      expectTypeOf(data).toEqualTypeOf<{ isTyping: boolean }>(),
    )
    useChannel(null)
    useChannel(Math.random() > 0.5 ? 'room:1' : null, 'message')
    // @ts-expect-error: no such channel
    useChannel('rom:1')
    // @ts-expect-error: no such event
    useChannel('room:1', 'mesage')
    // @ts-expect-error: no event of this channel
    useChannel('lobby', 'message')
    expectTypeOf(useChannel('lobby').channel).toExtend<Channel<{
      notice: { input: string; output: string }
    }> | null>()
  })

  it('a wrong name is told in words', () => {
    type Name = Parameters<typeof useChannel<'rom:1', never>>[0]
    expectTypeOf<Name>().toEqualTypeOf<
      | 'The contract has no channel rom:1; it has room:{id}'
      | 'The contract has no channel rom:1; it has lobby'
      | null
    >()
  })

  it('useMessages: the messages of all events, or of one', () => {
    const { messages } = hooks.useMessages('room:1')
    for (const message of messages)
      if (message.event === 'message') expectTypeOf(message.data).toEqualTypeOf<Said>()
      else expectTypeOf(message.data).toEqualTypeOf<{ isTyping: boolean }>()
    const [said] = hooks.useMessages('room:1', { event: 'message', limit: 5 }).messages
    if (said) expectTypeOf(said.data).toEqualTypeOf<Said>()
    if (said?.local) expectTypeOf(said.local.state).toEqualTypeOf<'pending' | 'confirmed' | 'failed'>()
    // @ts-expect-error: no such event
    hooks.useMessages('room:1', { event: 'mesage' })
  })

  it('usePublish: inputs', () => {
    const { publish } = usePublish('room:1')
    publish('message', { text: 'hi', at: '5' })
    // @ts-expect-error: the input is text
    publish('message', { text: 'hi', at: 5 })
    // @ts-expect-error: no such event
    publish('mesage', { text: 'hi', at: '5' })
  })

  it('<Channel>: name, event and handler', () => {
    const { Channel } = hooks
    const seen: Message[] = []
    const elements = [
      <Channel key="1" channel="room:1" event="message" handler={({ data }) => void data.text.length} />,
      <Channel key="2" channel="room:1" handler={(message) => seen.push(message)} params={{ token: 'x' }} />,
      // @ts-expect-error: no such channel
      <Channel key="3" channel="rom:1" />,
      // @ts-expect-error: no such event
      <Channel key="4" channel="room:1" event="mesage" />,
    ]
    expectTypeOf(elements).toBeArray()
  })

  it('the client and its channels', () => {
    expectTypeOf(useHoldfast().channel('lobby').publish).parameter(1).toEqualTypeOf<string>()
    // @ts-expect-error: no such channel
    useHoldfast().channel('rom:1')
  })

  it('without a contract everything is unknown', () => {
    expectTypeOf(useMessages('any').messages[0]?.data).toEqualTypeOf<unknown>()
  })
})
