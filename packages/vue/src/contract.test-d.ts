import type { Channel, Message } from '@holdfast/core'
import { defineContract } from '@holdfast/core/contract'
import { describe, expectTypeOf, it } from 'vitest'
import { type ComputedRef, computed, ref, shallowRef } from 'vue'
import { z } from 'zod'
import { useChannel as plainUseChannel, useMessages as plainUseMessages, withContract } from './index.ts'

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
const { useChannel, useMessages, usePublish, useHoldfast, Channel: Element } = withContract<typeof contract>()
interface Said {
  text: string
  at: number
}
interface Typing {
  isTyping: boolean
}

describe('the composables of a contract', () => {
  it('useChannel: name, event and handler', () => {
    useChannel('room:1', 'message', ({ data }) => expectTypeOf(data).toEqualTypeOf<Said>())
    useChannel(`room:${1 as number}`, 'typing', ({ data }) => expectTypeOf(data).toEqualTypeOf<Typing>())
    useChannel('room:1', undefined, (message) => {
      if (message.event === 'typing') expectTypeOf(message.data).toEqualTypeOf<Typing>()
    })
    useChannel(null)
    useChannel(Math.random() > 0.5 ? 'room:1' : null, 'message')
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
    expectTypeOf(useChannel('lobby').channel).toExtend<ComputedRef<Lobby | null>>()
  })

  it('names and events may be refs and getters', () => {
    const id = ref(1)
    const name = ref<`room:${string}` | null>(null)
    useChannel(name, 'message', ({ data }) => expectTypeOf(data).toEqualTypeOf<Said>())
    useChannel(shallowRef<'lobby'>('lobby'), 'notice', ({ data }) =>
      expectTypeOf(data).toEqualTypeOf<string>(),
    )
    useChannel(
      computed(() => `room:${id.value}` as const),
      'typing',
      ({ data }) => expectTypeOf(data).toEqualTypeOf<Typing>(),
    )
    useChannel(
      () => `room:${id.value}`,
      'typing',
      ({ data }) => expectTypeOf(data).toEqualTypeOf<Typing>(),
    )
    useChannel(
      () => (id.value > 0 ? `room:${id.value}` : null),
      () => 'message',
      ({ data }) => expectTypeOf(data).toEqualTypeOf<Said>(),
    )
    useChannel(() => 'lobby', shallowRef('notice' as const))
    const { messages } = useMessages(
      () => `room:${id.value}`,
      () => ({ event: 'message', limit: id.value }),
    )
    expectTypeOf(messages.value[0]?.data).toEqualTypeOf<Said | undefined>()
    usePublish(name).publish('message', { text: 'hi', at: '5' })
    usePublish(() => `room:${id.value}`).publish('typing', { isTyping: true })
    // @ts-expect-error: no such channel
    useChannel(ref('rom:1' as const))
    const text = ref('room:1')
    // @ts-expect-error: any text may be none
    useChannel(text)
    // @ts-expect-error: no such channel
    useChannel(() => `rom:${id.value}`)
    // @ts-expect-error: no such channel
    useMessages(() => 'rom:1')
    // @ts-expect-error: no such event
    useChannel(name, () => 'mesage')
    // @ts-expect-error: no such channel
    usePublish(computed(() => 'rom:1' as const))
  })

  it('a wrong name is told in words', () => {
    type Name = Parameters<typeof usePublish<'rom:1'>>[0]
    expectTypeOf<Extract<Name, string>>().toEqualTypeOf<
      | 'The contract has no channel rom:1; it has room:{id}'
      | 'The contract has no channel rom:1; it has lobby'
    >()
  })

  it('useMessages: the messages of all events, or of one', () => {
    const { messages, gaps, isLoading, error, status } = useMessages('room:1')
    for (const message of messages.value)
      if (message.event === 'message') expectTypeOf(message.data).toEqualTypeOf<Said>()
      else expectTypeOf(message.data).toEqualTypeOf<Typing>()
    expectTypeOf(isLoading.value).toEqualTypeOf<boolean>()
    expectTypeOf([gaps.value.length, error.value?.code, status.value.status]).toBeArray()
    // @ts-expect-error: they are not the application's to set
    isLoading.value = true
    const [said] = useMessages('room:1', { event: 'message', limit: 5 }).messages.value
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

  it('<Channel>: name, event and handler', () => {
    Element({ channel: 'room:1', event: 'message', handler: ({ data }) => void data.text.length })
    Element({
      channel: 'room:1',
      handler: (message) => void message.id,
      params: { token: 'x' },
      onGap: () => undefined,
    })
    Element({ channel: null })
    // @ts-expect-error: no such channel
    Element({ channel: 'rom:1' })
    // @ts-expect-error: no such event
    Element({ channel: 'room:1', event: 'mesage' })
    // @ts-expect-error: no such prop
    Element({ channel: 'room:1', evnet: 'message' })
  })

  it('the client and its channels', () => {
    expectTypeOf(useHoldfast().channel('lobby').publish).parameter(1).toEqualTypeOf<string>()
    // @ts-expect-error: no such channel
    useHoldfast().channel('rom:1')
  })

  it('without a contract everything is unknown', () => {
    expectTypeOf(plainUseMessages('any').messages.value[0]?.data).toEqualTypeOf<unknown>()
    plainUseChannel(
      ref('any'),
      () => 'event',
      shallowRef((message: Message) => void message.data),
    )
    plainUseChannel(ref<string | null>(null), undefined, ({ data }) =>
      expectTypeOf(data).toEqualTypeOf<unknown>(),
    )
  })
})
