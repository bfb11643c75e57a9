/** What is shown of messages that this client publishes, before the server has sent them back. */
import { expect, it } from 'vitest'
import type { Binding, ShownMessages } from './binding.ts'
import { RECONNECT_MS, stageOf } from './stage.ts'

const TEN_MINUTES_MS = 600_000

/** Data and what the client says of it: `hello pending`, `hello` when it is everybody's. */
const shownOf = ({ messages }: ShownMessages): string[] =>
  messages.map(({ data, local }) => (local ? `${data} ${local.state}` : String(data)))

export function optimisticCases(binding: Binding): void {
  const { name, mountMessages, mountPublish, act } = binding

  async function stage() {
    const made = stageOf(binding)
    const list = await mountMessages(made.client, 'room')
    const publishing = await mountPublish(made.client, 'room')
    await made.settle()
    const publish = (data: unknown): Promise<void> =>
      act(async () => void publishing.shown.publish('message', data).catch(() => undefined))
    return { ...made, list, publish, shown: () => shownOf(list.shown) }
  }

  it(`B17 (${name}): a publish is shown at once as pending, and becomes everybody's in one row`, async () => {
    const { server, settle, list, publish, shown } = await stage()
    server.publish('room', 'before')
    await settle()
    server.publishes = 'held'
    await publish('mine')
    expect(shown()).toEqual(['before', 'mine pending'])
    const [, pending] = list.shown.messages
    server.publish('room', 'of another')
    await settle()
    expect(shown()).toEqual(['before', 'of another', 'mine pending'])
    await act(async () => server.answer())
    await settle()
    expect(shown()).toEqual(['before', 'of another', 'mine'])
    expect(list.shown.messages[2]).toMatchObject({ id: pending?.id, sender: 'ada', source: 'live' })
  })

  it(`B17 (${name}): offline it is shown too, and sent after the reconnect`, async () => {
    const { server, settle, publish, shown } = await stage()
    await act(async () => server.cut())
    await publish('written offline')
    expect(shown()).toEqual(['written offline pending'])
    await settle(RECONNECT_MS)
    expect(shown()).toEqual(['written offline'])
  })

  it(`B17 (${name}): one that failed stays with its error, and retry() brings it back to pending`, async () => {
    const { server, settle, list, publish, shown } = await stage()
    server.publishes = 'forbidden'
    await publish('refused')
    await settle()
    expect(shown()).toEqual(['refused failed'])
    const [failed] = list.shown.messages
    expect(failed?.local?.error).toMatchObject({ code: 'forbidden' })
    server.publishes = 'held'
    await act(async () => void failed?.local?.retry?.())
    expect(shown()).toEqual(['refused pending'])
    await settle()
    await act(async () => server.answer())
    await settle()
    expect(shown()).toEqual(['refused'])
    expect(list.shown.messages[0]?.id).toBe(failed?.id)
  })

  it(`B17 (${name}): one that failed can be dismissed`, async () => {
    const { server, settle, list, publish, shown } = await stage()
    server.publishes = 'forbidden'
    await publish('refused')
    await settle()
    await act(async () => void list.shown.messages[0]?.local?.discard())
    expect(shown()).toEqual([])
  })

  it(`B17 (${name}): another user's message under the same id leaves the row as it is`, async () => {
    const { server, settle, list, publish, shown } = await stage()
    server.publishes = 'held'
    await publish('mine')
    await settle()
    const id = list.shown.messages[0]?.id ?? ''
    server.publish('room', 'forged', 'message', { id, sender: 'eve' })
    await settle()
    expect(shown()).toEqual(['forged', 'mine pending'])
    await act(async () => server.answer())
    await settle()
    expect(shown()).toEqual(['forged', 'mine'])
  })

  for (const skewMs of [-TEN_MINUTES_MS, TEN_MINUTES_MS]) {
    it(`N16 (${name}): with a clock ${skewMs / 60_000} min off and two equal texts there is one row each`, async () => {
      const { server, settle, list, publish, shown } = await stage()
      server.publish('room', 'first')
      await settle()
      server.clock.setWall(server.clock.now() + skewMs)
      server.publishes = 'held'
      await publish('same')
      await publish('same')
      expect(shown()).toEqual(['first', 'same pending', 'same pending'])
      server.clock.setWall(server.clock.now() - skewMs)
      server.publishes = 'at once'
      await settle()
      await act(async () => server.answer())
      await settle()
      expect(shown()).toEqual(['first', 'same', 'same'])
      expect(new Set(list.shown.messages.map(({ id }) => id)).size).toBe(3)
    })
  }
}
