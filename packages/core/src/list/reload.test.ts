import { describe, expect, it } from 'vitest'
import { MessageList } from './message-list.ts'
import { ignore, localOf, page, type Scene, scene, shownIn, stage, watched } from './scene.test-kit.ts'

describe('after a reload', () => {
  const persisting = { outbox: { persist: true }, identity: 'ada' }

  /** A page that was online once and published these, unsent; it has ended. */
  async function earlierPage(hub: Scene, ...data: string[]): Promise<void> {
    const { client, publish } = await page(hub, {}, persisting)
    hub.isReachable = false
    hub.cut()
    await hub.settle()
    for (const each of data) publish(each)
    await hub.settle()
    await client.close()
  }

  it('what an earlier page left is pending, also offline, and then the log’s own', async () => {
    const hub = scene()
    await earlierPage(hub, 'a', 'b')
    const { client, shown } = await page(hub, {}, persisting)
    expect(shown()).toEqual(['a: pending', 'b: pending'])
    await hub.online(client)
    expect(shown()).toEqual(['a: pending', 'b: pending'])
    for (const state of ['confirmed', 'pending']) {
      hub.ack()
      await hub.settle()
      expect(shown()).toEqual(['a: confirmed', `b: ${state === 'pending' ? 'confirmed' : 'pending'}`])
    }
    hub.echo()
    await hub.settle()
    expect(shown()).toEqual(['a', 'b'])
  })

  it('it stands before what this page publishes, in whatever order they became known', async () => {
    const hub = scene()
    await earlierPage(hub, 'a', 'b')
    const client = hub.client(persisting)
    const list = watched(client)
    for (const data of ['c', 'd']) client.channel('room').publish('message', data).catch(ignore)
    expect(shownIn(list)).toEqual(['c: pending', 'd: pending'])
    await hub.settle()
    expect(shownIn(list)).toEqual(['a: pending', 'b: pending', 'c: pending', 'd: pending'])
  })

  it('it can be discarded, and is never sent', async () => {
    const hub = scene()
    await earlierPage(hub, 'a', 'b')
    const { client, list, shown } = await page(hub, {}, persisting)
    expect(localOf(list, 'a').local?.discard()).toBe(true)
    expect(shown()).toEqual(['b: pending'])
    await hub.online(client)
    expect(hub.unanswered).toHaveLength(1)
    hub.ack()
    hub.echo()
    await hub.settle()
    expect([shown(), hub.log.map(({ data }) => data)]).toEqual([['b'], ['b']])
  })

  it('N16: what had come back before the reload is one row, as soon as it is known who this is', async () => {
    const hub = scene()
    const { client: first, publish } = await page(hub, {}, persisting)
    publish('mine')
    await hub.settle()
    hub.append()
    hub.echo()
    await hub.settle()
    hub.cut()
    await first.close()
    const client = hub.client(persisting)
    const list = new MessageList(client, 'room')
    list.watch(ignore)
    await hub.online(client)
    expect(client.outbox$.value).toMatchObject([{ state: 'sending' }])
    expect(shownIn(list)).toEqual(['mine'])
    hub.ack()
    hub.echo()
    await hub.settle()
    expect(shownIn(list)).toEqual(['mine'])
  })
})

describe('a list that comes later', () => {
  it('shows what waits when it is made', async () => {
    const { hub, client, publish } = await stage()
    publish('sent')
    publish('waiting')
    await hub.settle()
    const later = watched(client)
    expect(shownIn(later)).toEqual(['sent: pending', 'waiting: pending'])
    for (let n = 0; n < 2; n++) {
      hub.ack()
      await hub.settle()
    }
    hub.echo()
    await hub.settle()
    expect(shownIn(later)).toEqual(['sent', 'waiting'])
  })

  it('that is watched again shows what became of what it showed', async () => {
    const { hub, client } = await stage()
    const list = new MessageList(client, 'room')
    const stop = list.watch(ignore)
    await hub.settle()
    for (const data of ['a', 'b', 'c']) client.channel('room').publish('message', data).catch(ignore)
    await hub.settle()
    stop()
    hub.ack()
    await hub.settle()
    hub.refuse('forbidden')
    await hub.settle()
    hub.echo()
    await hub.settle()
    list.watch(ignore)
    await hub.settle()
    expect(shownIn(list)).toEqual(['a', 'b: failed', 'c: pending'])
  })
})
