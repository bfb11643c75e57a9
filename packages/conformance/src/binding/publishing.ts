/** What components show that publish, and that show the connection. */
import { expect, it } from 'vitest'
import type { Binding } from './binding.ts'
import { RECONNECT_MS, stageOf } from './stage.ts'

export function publishCases(binding: Binding): void {
  const { name, mountPublish, mountConnection, act } = binding

  it(`publishing shows what is pending, what failed, and tries it again under the same id (${name})`, async () => {
    const { server, client, settle } = stageOf(binding)
    const view = await mountPublish(client, 'room')
    server.publishes = 'forbidden'
    await act(async () => void view.shown.publish('message', 'hello').catch(() => undefined))
    expect(view.shown).toMatchObject({ isPending: true, error: null, retry: null })
    await settle(RECONNECT_MS)
    expect(view.shown).toMatchObject({ isPending: false, error: { code: 'forbidden' } })
    server.publishes = 'at once'
    await act(async () => void view.shown.retry?.())
    expect(view.shown).toMatchObject({ isPending: true, error: null, retry: null })
    await settle()
    expect(view.shown).toMatchObject({ isPending: false, error: null, retry: null })
    const ids = server.frames.flatMap((frame) => (frame.type === 'publish' ? frame.messages : []))
    expect(ids).toHaveLength(2)
    expect(ids[0]?.id).toBe(ids[1]?.id)
  })

  it(`publishing counts what is pending on its present channel, though the name came back meanwhile (${name})`, async () => {
    const { client } = stageOf(binding)
    const view = await mountPublish(client, 'a')
    client.disconnect()
    const cancels: (() => boolean)[] = []
    const publish = (): Promise<void> =>
      act(async () => {
        const published = view.shown.publish('message', 'hello')
        published.catch(() => undefined)
        cancels.push(() => published.cancel())
      })
    await publish()
    await view.update('b')
    await publish()
    await view.update('a')
    await publish()
    expect(view.shown).toMatchObject({ isPending: true })
    await act(async () => void cancels[0]?.())
    expect(view.shown).toMatchObject({ isPending: true, error: null })
    await act(async () => void cancels[2]?.())
    expect(view.shown).toMatchObject({ isPending: false, error: { code: 'cancelled' } })
  })

  it(`publishing without a name throws (${name})`, async () => {
    const { client } = stageOf(binding)
    const view = await mountPublish(client, null)
    expect(() => view.shown.publish('message', 'x')).toThrow('no channel')
  })

  it(`the connection is shown with every change; watching it connects nothing (${name})`, async () => {
    const { server, client } = stageOf(binding)
    const view = await mountConnection(client)
    expect(server.transport.links).toHaveLength(0)
    await act(async () => client.connect())
    await act(() => server.clock.advance(0))
    expect(view.shown).toMatchObject({ status: 'ONLINE', isConnected: true })
    await act(async () => client.disconnect())
    expect(view.seen).toEqual(['OFFLINE false', 'CONNECTING false', 'ONLINE true', 'OFFLINE false'])
  })
}
