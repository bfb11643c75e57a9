import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { HoldfastError } from '../errors.ts'
import { formatOffset, formatTerm } from '../protocol/index.ts'
import type { Gap, Message } from './message.ts'
import { at, scriptedServer, TERM } from './scripted-server.test-kit.ts'

/** A handler that records the data it was given. */
function recorder() {
  const data: unknown[] = []
  const sources: string[] = []
  return {
    data,
    sources,
    handle: (message: Message) => {
      data.push(message.data)
      sources.push(message.source)
    },
  }
}

describe('Channel', () => {
  it('subscribes on the wire once for all its listeners, and gives up after the linger', async () => {
    const server = scriptedServer()
    const room = server.registry.channel('room')
    const [one, two] = [recorder(), recorder()]
    const stops = [room.subscribe(one.handle), room.subscribe(two.handle)]
    await server.settle()
    server.append('room', 'x')
    expect([one.data, two.data]).toEqual([['x'], ['x']])
    for (const stop of stops) stop()
    await server.clock.advance(2_400)
    expect(server.wire).toEqual(['subscribe room'])
    await server.clock.advance(200)
    expect(server.wire).toEqual(['subscribe room', 'unsubscribe room'])
    expect(room.status$.value).toEqual({ status: 'idle' })
    expect(server.clock.pending).toBe(0)
  })

  it('a remount within the linger costs no traffic and loses nothing', async () => {
    const server = scriptedServer()
    const room = server.registry.channel('room')
    const stop = room.subscribe(() => undefined)
    await server.settle()
    stop()
    await server.clock.advance(1_000)
    const { data, handle } = recorder()
    room.subscribe(handle)
    await server.settle()
    server.append('room', 'x')
    await server.clock.advance(10_000)
    expect(server.wire).toEqual(['subscribe room'])
    expect(data).toEqual(['x'])
  })

  it('what comes within the linger is for the next listener, a gap included', async () => {
    const server = scriptedServer()
    const room = server.registry.channel('room')
    const first = recorder()
    const stop = room.subscribe(first.handle)
    await server.settle()
    server.append('room', 1)
    stop()
    server.append('room', 2, 3)
    await server.settle()
    const { data, handle } = recorder()
    await room.subscribe(handle).ready
    server.append('room', 4)
    expect(server.wire).toEqual(['subscribe room', 'unsubscribe room', 'subscribe room'])
    expect([first.data, data]).toEqual([[1], [2, 3, 4]])
  })

  it('an answer that comes when nobody listens any more moves nothing', async () => {
    const server = scriptedServer()
    server.append('room', 1, 2)
    server.stored.set('room', { record: { positions: [at(1)], told: [] }, messages: [] })
    const room = server.registry.channel('room')
    const stop = room.subscribe(() => undefined)
    while (server.wire.length === 0) await Promise.resolve()
    stop()
    await server.settle()
    expect(server.wire).toEqual(['subscribe room', 'unsubscribe room'])
    const { data, handle } = recorder()
    await room.subscribe(handle).ready
    await server.settle()
    expect(data).toEqual([2])
  })

  it('commands of one step go out as one list', async () => {
    const server = scriptedServer()
    for (const name of ['a', 'b', 'c']) server.registry.channel(name).subscribe(() => undefined)
    await server.settle()
    expect(server.wire).toEqual(['subscribe a b c'])
  })

  it('N13: any sequence of subscribe and unsubscribe ends in the state of the last call', async () => {
    const step = fc.oneof(
      fc.constant('subscribe' as const),
      fc.constant('unsubscribe' as const),
      fc.constant('reconnect' as const),
      fc.nat(4_000),
    )
    const property = fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const server = scriptedServer()
      const room = server.registry.channel('room')
      const stops: (() => void)[] = []
      for (const next of steps) {
        if (next === 'subscribe') stops.push(room.subscribe(() => undefined))
        else if (next === 'unsubscribe') stops.pop()?.()
        else if (next === 'reconnect') {
          server.setUp(false)
          server.setUp(true)
        } else await server.clock.advance(next)
      }
      await server.clock.advance(10_000)
      expect(room.status$.value.status).toBe(stops.length > 0 ? 'subscribed' : 'idle')
      expect(server.isSubscribed('room')).toBe(stops.length > 0)
      expect(server.clock.pending).toBe(0)
    })
    await fc.assert(property, { numRuns: 300 })
  })

  it('R5: two subscribers of one channel at different offsets each get their own history', async () => {
    const server = scriptedServer()
    const room = server.registry.channel('room')
    server.append('room', 1, 2, 3, 4, 5)
    const [first, second, third] = [recorder(), recorder(), recorder()]
    await room.subscribe({ from: at(3) }, first.handle).ready
    await room.subscribe({ from: at(1) }, second.handle).ready
    await room.subscribe({ from: 'earliest' }, third.handle).ready
    server.append('room', 6)
    expect(first.data).toEqual([4, 5, 6])
    expect(second.data).toEqual([2, 3, 4, 5, 6])
    expect(third.data).toEqual([1, 2, 3, 4, 5, 6])
    expect(third.sources.at(-1)).toBe('live')
  })

  it('R4: a rewinding listener sees what arrives meanwhile after it, in order and once', async () => {
    const server = scriptedServer()
    const room = server.registry.channel('room')
    room.subscribe(() => undefined)
    await server.settle()
    server.append('room', ...Array.from({ length: 2_500 }, (_, n) => n))
    const { data, handle } = recorder()
    const stop = room.subscribe({ from: 'earliest' }, handle)
    server.append('room', 'while rewinding')
    await stop.ready
    server.append('room', 'after')
    expect(data).toEqual([...Array.from({ length: 2_500 }, (_, n) => n), 'while rewinding', 'after'])
  })

  it('K8: begins with the last n, or since a time', async () => {
    const server = scriptedServer()
    const room = server.registry.channel('room')
    room.subscribe(() => undefined)
    await server.settle()
    server.append('room', 1, 2)
    await server.clock.advance(1_000)
    const since = server.clock.now()
    server.append('room', 3, 4, 5)
    const [last, recent] = [recorder(), recorder()]
    await room.subscribe({ from: { last: 4 } }, last.handle).ready
    await room.subscribe({ from: { since } }, recent.handle).ready
    expect(last.data).toEqual([2, 3, 4, 5])
    expect(recent.data).toEqual([3, 4, 5])
  })

  it('resumes from its position after a lost session, and says what it missed as a replay', async () => {
    const server = scriptedServer()
    const room = server.registry.channel('room')
    const { data, sources, handle } = recorder()
    await room.subscribe(handle).ready
    server.append('room', 1)
    server.setUp(false)
    expect(room.status$.value.status).toBe('subscribing')
    server.append('room', 2, 3)
    server.setUp(true)
    await server.settle()
    server.append('room', 4)
    expect(data).toEqual([1, 2, 3, 4])
    expect(sources).toEqual(['live', 'replay', 'replay', 'live'])
  })

  it('R14: resumes from what the store holds, message and position having moved together', async () => {
    const server = scriptedServer()
    server.append('room', 1, 2, 3)
    const before = server.registry.channel('room')
    await before.subscribe({ from: 'earliest' }, () => undefined).ready
    const after = scriptedServer()
    after.append('room', 1, 2, 3, 4)
    after.stored.set('room', server.stored.get('room') as never)
    const room = after.registry.channel('room')
    const { messages, lastOffset } = await room.load()
    expect(messages.map(({ data, source }) => [data, source])).toEqual([1, 2, 3].map((n) => [n, 'cache']))
    const { data, handle } = recorder()
    await room.subscribe({ from: lastOffset ?? 'now' }, handle).ready
    await after.settle()
    expect(data).toEqual([4])
  })

  it('begins at now when told so, whatever the store holds', async () => {
    const server = scriptedServer()
    server.append('room', 1, 2, 3)
    server.stored.set('room', { record: { positions: [at(1)], told: [] }, messages: [] })
    const { data, handle } = recorder()
    await server.registry.channel('room').subscribe({ from: 'now' }, handle).ready
    server.append('room', 4)
    expect(data).toEqual([4])
    // What is stored is where another page goes on from.
    expect(server.stored.get('room')).toEqual({ record: { positions: [at(1)], told: [] }, messages: [] })
  })

  it('K8: listeners that begin at the same place share the command; those that do not each get theirs', async () => {
    const same = scriptedServer()
    same.append('room', ...[1, 2, 3, 4, 5, 6])
    const lists = [recorder(), recorder()]
    for (const { handle } of lists) same.registry.channel('room').subscribe({ from: 'earliest' }, handle)
    await same.settle()
    expect(lists.map(({ data }) => data)).toEqual([
      [1, 2, 3, 4, 5, 6],
      [1, 2, 3, 4, 5, 6],
    ])
    expect(same.wire).toEqual(['subscribe room'])

    const mixed = scriptedServer()
    mixed.append('room', ...[1, 2, 3, 4, 5, 6])
    const room = mixed.registry.channel('room')
    const froms = ['earliest', { last: 2 }, { last: 4 }, 'now', at(3)] as const
    const each = froms.map((from) => {
      const { data, handle } = recorder()
      room.subscribe({ from }, handle)
      return data
    })
    const plain = recorder()
    room.subscribe(plain.handle)
    await mixed.settle()
    mixed.append('room', 7)
    expect(each).toEqual([[1, 2, 3, 4, 5, 6, 7], [5, 6, 7], [3, 4, 5, 6, 7], [7], [4, 5, 6, 7]])
    expect(plain.data).toEqual([7])
  })

  it('N2: a listener with a place of its own that was refused gets all of it after retry()', async () => {
    const server = scriptedServer()
    server.append('room', 1, 2)
    server.stored.set('room', { record: { positions: [at(2)], told: [] }, messages: [] })
    server.refuse('room', new HoldfastError('forbidden'))
    const room = server.registry.channel('room')
    const { data, handle } = recorder()
    await expect(room.subscribe({ from: 'earliest' }, handle).ready).rejects.toMatchObject({
      code: 'forbidden',
    })
    room.retry()
    await server.settle()
    server.append('room', 3)
    expect(data).toEqual([1, 2, 3])
  })

  it('a gap is stored as told when a listener was told of it: one that still fetches older messages was not', async () => {
    const server = scriptedServer()
    server.append('room', 1, 2, 3)
    const stored = { record: { positions: [at(3)], told: [] }, messages: [] }
    const gap = { reason: 'retention', term: TERM, from: 4, to: 5, resumeAt: at(5) } as const
    const begin = async (heard: unknown[]) => {
      server.stored.set('room', stored)
      const room = server.registry.channel('room')
      const onGap = ({ to }: Gap): void => void heard.push(`gap to ${to}`)
      const stop = room.subscribe({ from: at(1), onGap }, ({ data }) => heard.push(data))
      while (room.status$.value.status !== 'subscribed') await Promise.resolve()
      server.registry.frame({ type: 'gap', channel: 'room', gap })
      expect(server.stored.get('room')).toEqual(stored)
      return stop
    }
    const first: unknown[] = []
    const stop = await begin(first)
    stop()
    await server.settle()
    expect([first, server.stored.get('room')]).toEqual([[], stored])

    const second: unknown[] = []
    await begin(second)
    await server.settle()
    expect(second).toEqual([2, 3, 'gap to 5'])
    expect(server.stored.get('room')?.record.positions).toEqual([at(5)])
  })

  it('asks for so many channels in a command as fit a small frame', async () => {
    const server = scriptedServer()
    const names = Array.from({ length: 100 }, (_, n) => `room${n}`)
    for (const name of names) server.registry.channel(name).subscribe(() => undefined)
    await server.settle()
    expect(server.wire.map((command) => command.split(' ').length - 1)).toEqual([64, 36])
  })

  it('a client that is closed lets nobody wait', async () => {
    const room = scriptedServer().registry.channel('room')
    const { ready } = room.subscribe(() => undefined)
    room.close()
    await expect(ready).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('N2: a refusal is denied without a retry storm, and retry() works', async () => {
    const server = scriptedServer()
    server.refuse('room', new HoldfastError('forbidden'))
    const room = server.registry.channel('room')
    await expect(room.subscribe(() => undefined).ready).rejects.toMatchObject({ code: 'forbidden' })
    await server.clock.advance(60_000)
    expect(server.wire).toEqual(['subscribe room'])
    expect(room.status$.value).toMatchObject({ status: 'denied', error: { code: 'forbidden' } })
    room.retry()
    await server.settle()
    expect(room.status$.value.status).toBe('subscribed')
  })

  it('N2: what one identity was refused is asked for again as the next', async () => {
    const server = scriptedServer()
    server.refuse('room', new HoldfastError('forbidden'))
    const room = server.registry.channel('room')
    room.subscribe(() => undefined)
    await server.settle()
    expect(room.status$.value.status).toBe('denied')
    room.leave()
    await server.settle()
    expect(room.status$.value.status).toBe('subscribed')
    expect(server.wire).toEqual(['subscribe room', 'subscribe room'])
  })

  it('N2: an answer that may change is asked again after a while', async () => {
    const server = scriptedServer()
    server.refuse('room', new HoldfastError('log_unavailable'))
    const room = server.registry.channel('room')
    room.subscribe(() => undefined)
    await server.clock.advance(1_900)
    expect(server.wire).toHaveLength(1)
    await server.clock.advance(200)
    expect(room.status$.value.status).toBe('subscribed')
  })

  it('a handler that throws takes nothing from the others, nor from itself', async () => {
    const uncaught = vi.fn()
    process.on('uncaughtException', uncaught)
    onTestFinished(() => void process.off('uncaughtException', uncaught))
    const server = scriptedServer()
    const room = server.registry.channel('room')
    const own: unknown[] = []
    room.subscribe((message) => {
      own.push(message.data)
      if (message.data === 1) throw new Error('mine')
    })
    const { data, handle } = recorder()
    await room.subscribe(handle).ready
    server.append('room', 1, 2)
    expect(data).toEqual([1, 2])
    expect(own).toEqual([1, 2])
    await new Promise((resolve) => setImmediate(resolve))
    expect(uncaught).toHaveBeenCalledTimes(1)
  })

  it('unsubscribing inside a handler stops that handler at once', async () => {
    const server = scriptedServer()
    const room = server.registry.channel('room')
    const data: unknown[] = []
    const stop = room.subscribe((message) => {
      data.push(message.data)
      stop()
    })
    await stop.ready
    server.append('room', 1, 2)
    server.append('room', 3)
    expect(data).toEqual([1])
  })

  it('filters by event, and tells gaps before the messages after them', async () => {
    const server = scriptedServer()
    const room = server.registry.channel('room')
    const heard: unknown[] = []
    await room.subscribe({ onGap: ({ reason }) => heard.push(reason) }, ({ data }) => heard.push(data)).ready
    const other = recorder()
    room.subscribe('other', other.handle)
    server.append('room', 1)
    const gap = { reason: 'retention', term: null, from: 2, to: 9, resumeAt: at(9) } as const
    server.registry.frame({ type: 'gap', channel: 'room', gap })
    expect(heard).toEqual([1, 'retention'])
    expect(other.data).toEqual([])
  })

  it('L3: tells a gap to a listener at whose offset it stood, where the log has forgotten that term', async () => {
    const server = scriptedServer()
    const room = server.registry.channel('room')
    server.append('room', 1, 2, 3)
    await room.subscribe({ from: 'earliest' }, () => undefined).ready
    const heard: unknown[] = []
    const onGap = (gap: { reason: string }): void => void heard.push(gap.reason)
    await room.subscribe({ from: at(3), onGap }, ({ data }) => heard.push(data)).ready
    const term = formatTerm(0, 'n'.repeat(13))
    const resumeAt = formatOffset({ term, seq: 2 })
    const gap = { reason: 'retention', term, from: 1, to: 2, resumeAt } as const
    room.subscribed({ channel: 'room', position: resumeAt, recovered: false, gap })
    const items = [{ id: 'new', time: 1, data: 'new' }]
    server.registry.frame({ type: 'messages', channel: 'room', term, seq: 3, items })
    expect(heard).toEqual(['retention', 'new'])
  })

  it.each(['', 'x'.repeat(201), 'line\nbreak', 'a\ud800', 5 as unknown as string])(
    'refuses the name %j',
    (name) => {
      const { registry } = scriptedServer()
      expect(() => registry.channel(name).subscribe(() => undefined)).toThrow(HoldfastError)
    },
  )
})
