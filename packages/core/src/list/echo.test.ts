import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MessageList } from './message-list.ts'
import { faultOf, ignore, page, scene, shownIn, stage, watched } from './scene.test-kit.ts'

const TEN_MINUTES_MS = 600_000

describe('N16: a published message and its echo are exactly one row', () => {
  it.each([-TEN_MINUTES_MS, 0, TEN_MINUTES_MS])(
    'N16: with a server whose clock is %i ms ahead',
    async (skewMs) => {
      const { hub, list, publish, shown } = await stage({}, { skewMs })
      hub.say('before')
      hub.echo()
      await hub.settle()
      const { id } = publish('mine')
      expect(shown()).toEqual(['before', 'mine: pending'])
      await hub.settle()
      hub.say('between')
      hub.echo()
      await hub.settle()
      expect(shown()).toEqual(['before', 'between', 'mine: pending'])
      hub.ack()
      await hub.settle()
      expect(shown()).toEqual(['before', 'between', 'mine: confirmed'])
      hub.say('after')
      hub.echo()
      await hub.settle()
      expect(shown()).toEqual(['before', 'between', 'mine', 'after'])
      expect(list.state.messages[2]).toMatchObject({ id, timestamp: hub.clock.now() + skewMs })
    },
  )

  it.each([-TEN_MINUTES_MS, 0, TEN_MINUTES_MS])(
    'N16: two of the same text stay two, with a server whose clock is %i ms ahead',
    async (skewMs) => {
      const { hub, list, publish, shown } = await stage({}, { skewMs })
      const ids = [publish('same'), publish('same')].map((published) => published.id)
      const shownIds = (): string[] => list.state.messages.map(({ id }) => id)
      expect(shown()).toEqual(['same: pending', 'same: pending'])
      await hub.settle()
      hub.ack()
      hub.echo()
      await hub.settle()
      expect(shown()).toEqual(['same', 'same: pending'])
      expect(shownIds()).toEqual(ids)
      hub.ack()
      await hub.settle()
      expect(shown()).toEqual(['same', 'same: confirmed'])
      hub.echo()
      await hub.settle()
      expect(shown()).toEqual(['same', 'same'])
      expect(shownIds()).toEqual(ids)
    },
  )

  it.each([-TEN_MINUTES_MS, 0, TEN_MINUTES_MS])(
    'N16: the echo before the answer, from a server whose clock is %i ms ahead',
    async (skewMs) => {
      const { hub, client, publish, shown } = await stage({}, { skewMs })
      publish('same')
      publish('same')
      await hub.settle()
      hub.append()
      hub.echo()
      await hub.settle()
      expect(client.outbox$.value).toHaveLength(2)
      expect(shown()).toEqual(['same', 'same: pending'])
      hub.ack()
      await hub.settle()
      expect(client.outbox$.value).toHaveLength(1)
      expect(shown()).toEqual(['same', 'same: pending'])
    },
  )

  it('N16: the echo came, the answer was lost, and it is sent again', async () => {
    const { hub, client, publish, shown } = await stage()
    publish('mine')
    await hub.settle()
    hub.append()
    hub.echo()
    await hub.settle()
    hub.cut()
    await hub.online(client)
    expect(hub.unanswered).toHaveLength(1)
    expect(shown()).toEqual(['mine'])
    hub.ack()
    hub.echo()
    await hub.settle()
    expect(client.outbox$.value).toEqual([])
    expect(shown()).toEqual(['mine'])
  })

  it('N16: the answer and the echo were lost, and both come later', async () => {
    const { hub, client, publish, shown } = await stage()
    publish('mine')
    await hub.settle()
    hub.append()
    hub.cut()
    await hub.settle()
    expect(shown()).toEqual(['mine: pending'])
    await hub.online(client)
    expect(shown()).toEqual(['mine'])
    hub.ack()
    await hub.settle()
    expect(shown()).toEqual(['mine'])
  })

  it('N16: what came back and has left the bounded list does not return while its answer is awaited', async () => {
    const { hub, client, publish, shown } = await stage({ limit: 2 })
    publish('mine')
    await hub.settle()
    hub.append()
    for (const data of ['a', 'b']) hub.say(data)
    hub.echo()
    await hub.settle()
    expect(shown()).toEqual(['a', 'b'])
    hub.cut()
    await hub.online(client)
    expect(client.outbox$.value).toMatchObject([{ state: 'sending' }])
    expect(shown()).toEqual(['a', 'b'])
    hub.ack()
    await hub.settle()
    expect(shown()).toEqual(['a', 'b'])
  })

  it('N16: what the list has already is not shown beside it when it is published again', async () => {
    const { hub, client, list, publish, shown } = await stage()
    publish('mine', { id: 'x' })
    await hub.settle()
    hub.append()
    hub.echo()
    await hub.settle()
    const later = watched(client, { initialMessages: list.state.messages })
    expect(shownIn(later)).toEqual(['mine'])
    hub.ack()
    await hub.settle()
    const again = publish('mine', { id: 'x' })
    expect(shown()).toEqual(['mine'])
    await hub.settle()
    hub.ack()
    await hub.settle()
    expect(await again).toMatchObject({ id: 'x', duplicate: true })
    expect([shown(), shownIn(later)]).toEqual([['mine'], ['mine']])
  })

  it('N16: the messages of a batch, each by itself, however they come', async () => {
    const { hub, list, publishBatch, shown } = await stage()
    publishBatch({ data: 'a' }, { data: 'b', event: 'other', meta: { n: 1 } }, { data: 'c' })
    expect(shown()).toEqual(['a: pending', 'b: pending', 'c: pending'])
    expect(list.state.messages[1]).toMatchObject({ event: 'other', meta: { n: 1 } })
    await hub.settle()
    hub.append()
    hub.echo(1)
    await hub.settle()
    expect(shown()).toEqual(['a', 'b: pending', 'c: pending'])
    hub.ack()
    await hub.settle()
    expect(shown()).toEqual(['a', 'b: confirmed', 'c: confirmed'])
    hub.echo(1)
    await hub.settle()
    expect(shown()).toEqual(['a', 'b', 'c: confirmed'])
    hub.echo()
    await hub.settle()
    expect(shown()).toEqual(['a', 'b', 'c'])
  })

  it('a batch is confirmed, and fails, in one change of the list', async () => {
    const { hub, client } = await stage()
    const list = new MessageList(client, 'room')
    const changes: unknown[][] = []
    list.watch(() => changes.push(shownIn(list)))
    await hub.settle()
    for (const end of [hub.ack, () => hub.refuse('forbidden')]) {
      client
        .channel('room')
        .publishBatch([{ data: 'a' }, { data: 'b' }])
        .catch(ignore)
      await hub.settle()
      changes.length = 0
      end()
      await hub.settle()
      expect(changes).toHaveLength(1)
    }
  })
})

describe('a message that is confirmed and does not come', () => {
  it('goes when the list has passed its place: it was withheld', async () => {
    const { hub, publish, shown } = await stage()
    const { id } = publish('mine')
    await hub.settle()
    hub.ack()
    hub.withhold(id)
    hub.echo()
    await hub.settle()
    expect(shown()).toEqual(['mine: confirmed'])
    hub.say('next')
    hub.echo()
    await hub.settle()
    expect(shown()).toEqual(['next'])
  })

  it('goes at once when the list had passed its place before the answer', async () => {
    const { hub, publish, shown } = await stage()
    const { id } = publish('mine')
    await hub.settle()
    hub.append()
    hub.withhold(id)
    hub.say('next')
    hub.echo()
    await hub.settle()
    expect(shown()).toEqual(['next', 'mine: pending'])
    hub.ack()
    await hub.settle()
    expect(shown()).toEqual(['next'])
  })

  it('stays while what comes stands before it', async () => {
    const { hub, publish, shown } = await stage()
    hub.say('before')
    publish('mine')
    await hub.settle()
    hub.ack()
    hub.echo(1)
    await hub.settle()
    expect(shown()).toEqual(['before', 'mine: confirmed'])
  })

  it('goes when a gap has swallowed it', async () => {
    const { hub, client, list, publish, shown } = await stage()
    hub.say('before')
    hub.echo()
    await hub.settle()
    publish('mine')
    await hub.settle()
    hub.ack()
    await hub.settle()
    expect(shown()).toEqual(['before', 'mine: confirmed'])
    hub.trim()
    hub.cut()
    await hub.online(client)
    expect(shown()).toEqual(['before'])
    expect(list.state.gaps).toMatchObject([{ reason: 'retention', from: 2, to: 2, at: 1 }])
  })

  it('stays where a gap ends before it', async () => {
    const { hub, client, list, publish, shown } = await stage()
    hub.say('lost')
    hub.trim()
    publish('mine')
    await hub.settle()
    hub.append()
    hub.withhold(hub.unanswered[0] ?? '')
    hub.ack()
    await hub.settle()
    hub.cut()
    await hub.online(client)
    expect(list.state.gaps).toMatchObject([{ from: 1, to: 1 }])
    expect(shown()).toEqual(['mine: confirmed'])
  })
})

describe('on an ephemeral channel', () => {
  const ephemeral = { isEphemeral: true }

  it('B17: pending, confirmed, and what was handed out', async () => {
    const { hub, list, publish, shown } = await stage({}, ephemeral)
    const { id } = publish('mine')
    await hub.settle()
    expect(shown()).toEqual(['mine: pending'])
    hub.ack()
    await hub.settle()
    expect(shown()).toEqual(['mine: confirmed'])
    hub.echo()
    await hub.settle()
    expect(shown()).toEqual(['mine'])
    expect(list.state.messages).toMatchObject([{ id, offset: null, sender: 'ada', source: 'live' }])
  })

  it('N16: the echo before the answer', async () => {
    const { hub, publish, shown } = await stage({}, ephemeral)
    publish('mine')
    await hub.settle()
    hub.append()
    hub.echo()
    await hub.settle()
    expect(shown()).toEqual(['mine'])
    hub.ack()
    await hub.settle()
    expect(shown()).toEqual(['mine'])
  })

  it('what was confirmed and is overtaken does not come: it goes', async () => {
    const { hub, publish, shown } = await stage({}, ephemeral)
    const { id } = publish('mine')
    await hub.settle()
    hub.ack()
    hub.withhold(id)
    await hub.settle()
    publish('second')
    await hub.settle()
    hub.say('next')
    hub.echo()
    await hub.settle()
    expect(shown()).toEqual(['next', 'second: pending'])
  })

  it('what was confirmed before a gap does not come: it goes', async () => {
    const { hub, client, list, publish, shown } = await stage({}, ephemeral)
    publish('mine')
    await hub.settle()
    hub.ack()
    await hub.settle()
    publish('unsent')
    hub.cut()
    await hub.online(client)
    expect(list.state.gaps).toMatchObject([{ reason: 'not-kept', at: 0 }])
    expect(shown()).toEqual(['unsent: pending'])
  })
})

describe('whatever happens, in whatever order', () => {
  const deeds = [
    'publish',
    'append',
    'ack',
    'refuse',
    'echo',
    'say',
    'copy',
    'retry',
    'discard',
    'cut',
    'settle',
  ]
  const step = fc.tuple(fc.constantFrom(...deeds, 'publish', 'ack', 'echo', 'settle'), fc.nat(5))

  /** Does the steps, and looks at the list after each. Without a limit to speak of it has to be complete. */
  async function play(steps: readonly (readonly [string, number])[], limit: number): Promise<void> {
    const hub = scene()
    const { client, list, publishBatch } = await page(hub, { limit })
    /** By message, its batch. */
    const batches = new Map<string, readonly string[]>()
    const discarded = new Set<string>()
    /** What the log has sent back. */
    const back = new Set<string>()
    let published = 0
    let copies = 0
    const pick = <T>(all: readonly T[], n: number): T | undefined => all[n % Math.max(1, all.length)]

    async function act(deed: string, n: number): Promise<void> {
      const locals = list.state.messages.flatMap(({ id, local }) => (local ? [{ id, ...local }] : []))
      if (deed === 'publish') {
        published++
        const ids = Array.from({ length: (n % 3) + 1 }, (_, place) => `${published}.${place}`)
        for (const id of ids) batches.set(id, ids)
        publishBatch(...ids.map((id) => ({ id, data: 'the same text' })))
      } else if (deed === 'append') hub.append()
      else if (deed === 'ack') hub.ack()
      else if (deed === 'refuse') {
        // What is stored already is not refused; but it may be too late to say so.
        const isStored = hub.log.some(({ id, sender }) => id === hub.unanswered[0] && sender === 'ada')
        hub.refuse(isStored ? 'idempotency_expired' : 'forbidden')
      } else if (deed === 'echo') hub.echo(n + 1)
      else if (deed === 'say') hub.say('another')
      else if (deed === 'copy')
        hub.say('a copy', { id: pick([...batches.keys()], n) ?? 'x', sender: `copier ${++copies}` })
      else if (deed === 'retry')
        pick(
          locals.filter(({ retry }) => retry),
          n,
        )
          ?.retry?.()
          .catch(ignore)
      else if (deed === 'discard') {
        const row = pick(locals, n)
        if (row?.discard()) for (const id of batches.get(row.id) ?? []) discarded.add(id)
      } else if (deed === 'cut') {
        hub.cut()
        await hub.online(client)
      } else await hub.settle()
    }

    function look(): void {
      expect(faultOf(list)).toBeNull()
      const { messages } = list.state
      const own = messages.filter(({ local }) => !local)
      for (const { id, sender } of own) if (sender === 'ada') back.add(id)
      expect(messages.filter(({ id, local }) => local && back.has(id))).toEqual([])
      if (limit < 100) return
      const identityOf = ({ id, sender }: { id: string; sender?: string | null }): string => `${id} ${sender}`
      expect(own.map(identityOf)).toEqual(hub.log.slice(0, own.length).map(identityOf))
      const mine = messages.filter(({ sender }) => sender === 'ada').map(({ id }) => id)
      // What failed and is discarded may be stored all the same.
      const due = [...batches.keys()].filter((id) => !discarded.has(id) || back.has(id))
      expect(mine.sort()).toEqual(due.sort())
    }

    for (const [deed, n] of steps) {
      await act(deed, n)
      look()
    }
    for (let n = 0; n < steps.length + 3; n++) {
      hub.ack()
      hub.echo()
      await hub.clock.advance(2_000)
    }
    look()
    expect(client.outbox$.value).toEqual([])
    const locals = list.state.messages.flatMap(({ local }) => local?.state ?? [])
    expect(locals).toEqual(locals.map(() => 'failed'))
  }

  it('N16: each message is there exactly once, and the log is in its order', async () => {
    const property = fc.asyncProperty(fc.array(step, { maxLength: 30 }), (steps) => play(steps, 1_000))
    await fc.assert(property, { numRuns: 200 })
  })

  it('N16: each message is there at most once in a list that is short, and never pending again', async () => {
    const property = fc.asyncProperty(fc.array(step, { maxLength: 30 }), (steps) => play(steps, 2))
    await fc.assert(property, { numRuns: 100 })
  })
})
