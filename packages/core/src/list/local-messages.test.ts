import { describe, expect, it } from 'vitest'
import type { PublishFailure } from '../outbox/publish.ts'
import { ignore, localOf, page, scene, shownIn, stage, watched } from './scene.test-kit.ts'

describe('B17: what this client publishes', () => {
  it('B17: is shown at once as pending, then as confirmed, then it is the log’s own', async () => {
    const { hub, list, publish, shown } = await stage()
    const { id } = publish('hello')
    expect(list.state.messages).toEqual([
      {
        id,
        offset: null,
        channel: 'room',
        event: 'message',
        data: 'hello',
        timestamp: hub.clock.now(),
        sender: 'ada',
        meta: null,
        source: 'local',
        local: { state: 'pending', error: null, retry: null, discard: expect.any(Function) },
      },
    ])
    await hub.settle()
    expect(shown()).toEqual(['hello: pending'])
    hub.ack()
    await hub.settle()
    expect(shown()).toEqual(['hello: confirmed'])
    hub.echo()
    await hub.settle()
    expect(list.state.messages).toMatchObject([{ id, data: 'hello', sender: 'ada', source: 'live' }])
    expect(list.state.messages[0]).not.toHaveProperty('local')
  })

  it('B17: is shown before there is a connection, and as whose it is when that is known', async () => {
    const hub = scene()
    hub.isReachable = false
    const { client, list, publish } = await page(hub)
    const { id } = publish('hello')
    expect(list.state.messages).toMatchObject([{ id, sender: null, local: { state: 'pending' } }])
    await hub.online(client)
    expect(list.state.messages).toMatchObject([{ id, sender: 'ada', local: { state: 'pending' } }])
    hub.ack()
    await hub.settle()
    expect(list.state.messages).toMatchObject([{ id, sender: 'ada', local: { state: 'confirmed' } }])
  })

  it('B17: fails with the reason and a retry, which brings it back to pending under the same id', async () => {
    const { hub, list, publish, shown } = await stage()
    const { id } = publish('hello')
    await hub.settle()
    hub.refuse('forbidden')
    await hub.settle()
    expect(shown()).toEqual(['hello: failed'])
    const { local } = localOf(list, 'hello')
    expect(local?.error).toMatchObject({ code: 'forbidden' })
    expect(local?.retry?.().id).toBe(id)
    expect(list.state.messages).toMatchObject([{ id, local: { state: 'pending', error: null, retry: null } }])
    await hub.settle()
    expect(hub.unanswered).toEqual([id])
    hub.ack()
    hub.echo()
    await hub.settle()
    expect(shown()).toEqual(['hello'])
    expect(hub.log.map((item) => item.id)).toEqual([id])
  })

  it('B17: a retry of the application’s own does the same, and may fail in its turn', async () => {
    const { hub, list, publish, shown } = await stage()
    const failed = publish('hello').catch((failure: PublishFailure) => failure)
    await hub.settle()
    hub.refuse('forbidden')
    await hub.settle()
    const failure = (await failed) as PublishFailure
    failure.retry().catch(ignore)
    expect(shown()).toEqual(['hello: pending'])
    await hub.settle()
    hub.refuse('conflict')
    await hub.settle()
    expect(shown()).toEqual(['hello: failed'])
    expect(localOf(list, 'hello').local?.error).toMatchObject({ code: 'conflict' })
  })

  it('B17: what failed stands where it was; what is tried again stands last, where the log will have it', async () => {
    const { hub, list, publish, shown } = await stage()
    for (const data of ['a', 'b', 'c']) publish(data)
    await hub.settle()
    hub.refuse('forbidden')
    await hub.settle()
    expect(shown()).toEqual(['a: failed', 'b: pending', 'c: pending'])
    localOf(list, 'a').local?.retry?.()
    expect(shown()).toEqual(['b: pending', 'c: pending', 'a: pending'])
    for (let n = 0; n < 3; n++) {
      hub.ack()
      await hub.settle()
    }
    hub.echo()
    await hub.settle()
    expect(shown()).toEqual(['b', 'c', 'a'])
  })

  it('B17: a failure that may have been stored is over when the log has it', async () => {
    const { hub, publish, shown, client } = await stage()
    publish('hello')
    await hub.settle()
    hub.append()
    hub.refuse('idempotency_expired')
    await hub.settle()
    expect(shown()).toEqual(['hello: failed'])
    hub.echo()
    await hub.settle()
    expect(shown()).toEqual(['hello'])
    expect(client.outbox$.value).toEqual([])
  })
})

describe('B17: another user’s message under the same id does not touch the row: both are shown', () => {
  it('B17: while it is pending', async () => {
    const { hub, publish, shown } = await stage()
    publish('mine', { id: 'x' })
    await hub.settle()
    hub.say('theirs', { id: 'x', sender: 'mallory' })
    hub.echo()
    await hub.settle()
    expect(shown()).toEqual(['theirs', 'mine: pending'])
    hub.ack()
    hub.echo()
    await hub.settle()
    expect(shown()).toEqual(['theirs', 'mine'])
  })

  it('B17: while it is confirmed', async () => {
    const { hub, publish, shown } = await stage()
    hub.say('theirs', { id: 'x', sender: 'mallory' })
    publish('mine', { id: 'x' })
    await hub.settle()
    hub.ack()
    hub.echo(1)
    await hub.settle()
    expect(shown()).toEqual(['theirs', 'mine: confirmed'])
    hub.echo()
    await hub.settle()
    expect(shown()).toEqual(['theirs', 'mine'])
  })

  it('B17: when it has failed, also one of the server’s own', async () => {
    const { hub, list, publish, shown } = await stage()
    publish('mine', { id: 'x' })
    await hub.settle()
    hub.refuse('forbidden')
    hub.say('theirs', { id: 'x', sender: 'mallory' })
    hub.say('the server’s', { id: 'x', sender: null })
    hub.echo()
    await hub.settle()
    expect(shown()).toEqual(['theirs', 'the server’s', 'mine: failed'])
    localOf(list, 'mine').local?.retry?.()
    expect(shown()).toEqual(['theirs', 'the server’s', 'mine: pending'])
  })

  it('B17: when it was there first', async () => {
    const { hub, publish, shown } = await stage()
    hub.say('theirs', { id: 'x', sender: 'mallory' })
    hub.echo()
    await hub.settle()
    publish('mine', { id: 'x' })
    expect(shown()).toEqual(['theirs', 'mine: pending'])
  })
})

describe('discard', () => {
  it('takes back what waits: it is never sent', async () => {
    const { hub, client, list, publish, shown } = await stage()
    hub.isReachable = false
    hub.cut()
    await hub.settle()
    const published = publish('mine')
    expect(localOf(list, 'mine').local?.discard()).toBe(true)
    expect(shown()).toEqual([])
    await expect(published).rejects.toMatchObject({ code: 'cancelled', outcome: 'rejected' })
    await hub.online(client)
    expect([shown(), hub.unanswered, client.outbox$.value]).toEqual([[], [], []])
  })

  it('leaves what a server may have', async () => {
    const { hub, list, publish, shown } = await stage()
    publish('mine')
    await hub.settle()
    const pending = localOf(list, 'mine').local
    expect(pending?.discard()).toBe(false)
    expect(shown()).toEqual(['mine: pending'])
    hub.ack()
    await hub.settle()
    expect(localOf(list, 'mine').local?.discard()).toBe(false)
    expect(shown()).toEqual(['mine: confirmed'])
    hub.echo()
    await hub.settle()
    expect(pending?.discard()).toBe(false)
    expect(shown()).toEqual(['mine'])
  })

  it('forgets what failed', async () => {
    const { hub, list, publish, shown } = await stage()
    publish('mine')
    await hub.settle()
    hub.refuse('forbidden')
    await hub.settle()
    expect(localOf(list, 'mine').local?.discard()).toBe(true)
    expect(shown()).toEqual([])
    hub.say('next')
    hub.echo()
    await hub.settle()
    expect(shown()).toEqual(['next'])
  })

  it.each(['pending', 'failed'])(
    'takes all of a batch that is %s: it is sent as a whole or not at all',
    async (state) => {
      const { hub, list, publish, publishBatch, shown } = await stage()
      publish('before')
      publishBatch({ data: 'a' }, { data: 'b' }, { data: 'c' })
      publish('after')
      await hub.settle()
      if (state === 'failed') {
        hub.ack()
        await hub.settle()
        hub.refuse('forbidden')
        hub.echo()
        await hub.settle()
      }
      expect(localOf(list, 'b').local?.state).toBe(state)
      expect(localOf(list, 'b').local?.discard()).toBe(true)
      expect(shown()).toEqual(
        state === 'failed' ? ['before', 'after: pending'] : ['before: pending', 'after: pending'],
      )
      await hub.settle()
      expect(shown()).toHaveLength(2)
    },
  )

  it('what the application cancels goes too', async () => {
    const { hub, publish, shown } = await stage()
    publish('first')
    const second = publish('second')
    expect(shown()).toEqual(['first: pending', 'second: pending'])
    expect(second.cancel()).toBe(true)
    await hub.settle()
    expect(shown()).toEqual(['first: pending'])
  })
})

describe('what is shown', () => {
  it('not what other channels have', async () => {
    const { client, shown } = await stage()
    client.channel('elsewhere').publish('message', 'there').catch(ignore)
    expect(shown()).toEqual([])
  })

  it('only the event that the list is of, also of a batch', async () => {
    const { hub, client, publish, publishBatch } = await stage()
    const likes = watched(client, { event: 'like' })
    const messages = watched(client, { event: 'message' })
    await hub.settle()
    publish('hello')
    publishBatch({ data: 'one', event: 'like' }, { data: 'two' }, { data: 'three', event: 'like' })
    expect(shownIn(likes)).toEqual(['one: pending', 'three: pending'])
    expect(shownIn(messages)).toEqual(['hello: pending', 'two: pending'])
    await hub.settle()
    hub.ack()
    await hub.settle()
    hub.ack()
    hub.echo()
    await hub.settle()
    expect([shownIn(likes), shownIn(messages)]).toEqual([
      ['one', 'three'],
      ['hello', 'two'],
    ])
  })

  it('nothing of it with optimistic: false', async () => {
    const { hub, publish, shown } = await stage({ optimistic: false })
    publish('mine')
    await hub.settle()
    expect(shown()).toEqual([])
    hub.ack()
    await hub.settle()
    expect(shown()).toEqual([])
    hub.echo()
    await hub.settle()
    expect(shown()).toEqual(['mine'])
  })

  it('not what is volatile, which never waits', async () => {
    const { hub, publish, shown } = await stage()
    publish('mine', { volatile: true })
    await hub.settle()
    expect(hub.unanswered).toHaveLength(1)
    expect(shown()).toEqual([])
    hub.ack()
    hub.echo()
    await hub.settle()
    expect(shown()).toEqual(['mine'])
  })

  it('bytes as bytes, before and after', async () => {
    const { hub, list, publish } = await stage()
    const bytes = Uint8Array.of(0, 1, 255)
    publish(bytes)
    expect(list.state.messages).toMatchObject([{ data: bytes, source: 'local' }])
    await hub.settle()
    hub.ack()
    hub.echo()
    await hub.settle()
    expect(list.state.messages).toMatchObject([{ data: bytes, source: 'live' }])
  })

  it('the limit counts what is from the log', async () => {
    const { hub, publish, shown } = await stage({ limit: 2 })
    for (const data of ['a', 'b', 'c']) hub.say(data)
    for (const data of [1, 2, 3]) publish(data)
    hub.echo()
    await hub.settle()
    expect(shown()).toEqual(['b', 'c', '1: pending', '2: pending', '3: pending'])
  })

  it('nothing of an identity that has ended', async () => {
    const { hub, client, list, publish, shown } = await stage()
    publish('failed')
    await hub.settle()
    hub.refuse('forbidden')
    publish('confirmed')
    await hub.settle()
    hub.ack()
    await hub.settle()
    hub.say('everybody’s')
    publish('pending')
    await hub.settle()
    expect(shown()).toEqual(['failed: failed', 'confirmed: confirmed', 'pending: pending'])
    client.connect({ auth: () => ({ token: 'bob' }) })
    await hub.online(client)
    expect(client.identity$.value?.id).toBe('bob')
    expect(shown()).toEqual([])
    publish('bob’s')
    expect(list.state.messages).toMatchObject([{ data: 'bob’s', sender: 'bob' }])
  })
})
