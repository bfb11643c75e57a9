import { createVirtualClock } from '@holdfast/core/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { HubError } from './errors.ts'
import type { Hub } from './hub.ts'
import { memoryLog } from './log/memory.ts'
import { jsonLogger } from './logger.ts'
import type { HubOptions } from './options.ts'
import { FakeClient, turnOfLoop } from './testing/fake-client.ts'
import { endHubs, join, lines, startHub } from './testing/start-hub.ts'

afterEach(endHubs)

/** A session of the client `tab`. */
async function sameClient(hub: Hub, token: string): Promise<FakeClient> {
  const client = new FakeClient(hub)
  await client.ask({ type: 'auth', clientId: 'tab', token })
  return client
}

describe('authentication', () => {
  const authenticate: HubOptions['authenticate'] = ({ token }) =>
    token === 'broken'
      ? Promise.reject(new Error('database at 10.0.0.7 is down'))
      : token === undefined
        ? undefined
        : token === 'bad'
          ? null
          : { id: token }

  it('refuses a bad token with 4401, another identity with 4403, and commands before the first auth', async () => {
    const hub = startHub({ authenticate })
    const eve = new FakeClient(hub)
    expect(await eve.auth('bad')).toMatchObject({ error: { code: 'unauthenticated' } })
    expect(eve.link.closure?.code).toBe(4401)
    const bob = await join(hub, 'bob')
    expect(await bob.ask({ type: 'ping', client: 7 })).toMatchObject({ error: { code: 'unauthenticated' } })
    expect(await bob.auth('eve', 1)).toMatchObject({ error: { code: 'forbidden' } })
    expect(bob.link.closure).toBeNull()
    await bob.auth('eve')
    expect(bob.link.closure?.code).toBe(4403)
  })

  it('a client that comes again replaces its older session, never a newer one, nor one of somebody else', async () => {
    const held = new Map<string, () => void>()
    const hub = startHub({
      authenticate: async ({ token = '' }) => {
        const [id = '', isHeld] = token.split(' ')
        if (isHeld) await new Promise<void>((resolve) => held.set(id, resolve))
        return { id }
      },
    })
    const again = (token: string): Promise<FakeClient> => sameClient(hub, token)
    const [first, second] = [await again('bob'), await again('bob')]
    expect(first.link.closure).toEqual({ code: 4409, reason: 'replaced' })
    expect(second.link.closure).toBeNull()

    const late = new FakeClient(hub)
    const answer = late.ask({ type: 'auth', clientId: 'tab', token: 'bob held' })
    const third = await again('bob')
    held.get('bob')?.()
    expect(await answer).toMatchObject({ error: { code: 'replaced' } })
    expect(late.link.closure?.code).toBe(4409)
    const eve = await again('eve')
    expect([third, eve].map(({ link }) => link.closure)).toEqual([null, null])
  })

  it('sends no heartbeat before the welcome, and then in time', async () => {
    const clock = createVirtualClock()
    const hub = startHub({ clock, heartbeatMs: 4_000, authTimeoutMs: 60_000 })
    const early = new FakeClient(hub)
    await clock.advance(9_000)
    expect(early.link.frames).toEqual([])
    await early.auth()
    await clock.advance(8_000)
    expect(early.link.frames.map(({ type }) => type)).toContain('heartbeat')
  })

  it('keeps nothing for who has not been welcomed: a command before that closes with 4400', async () => {
    const hub = startHub({
      authenticate: async ({ token }) => {
        await turnOfLoop()
        return { id: token ?? 'x' }
      },
    })
    for (const first of [undefined, { type: 'auth', id: 0, clientId: 'c', token: 'eve' }]) {
      const eve = new FakeClient(hub)
      if (first) eve.session.receive(JSON.stringify(first))
      eve.session.receive('{"type":"subscribe","id":1,"channels":[{"channel":"room"}]}')
      expect(eve.link.closure?.code).toBe(4400)
      await turnOfLoop()
      expect(hub.health()).toMatchObject({ sessions: 0, channels: 0 })
    }
  })

  it('commands sent behind the auth frame of a further client wait for it', async () => {
    const hub = startHub({
      authenticate: async ({ token }) => {
        await turnOfLoop()
        return { id: token ?? 'x' }
      },
    })
    const bob = await join(hub, 'bob')
    const [, ok] = await Promise.all([
      bob.auth('bob', 1),
      bob.ok({ type: 'subscribe', client: 1, channels: [{ channel: 'room' }] }),
    ])
    expect(ok.channels?.[0]?.recovered).toBe(true)
  })

  it('ends a session whose token ran out, and keeps one that renewed it', async () => {
    const clock = createVirtualClock()
    const hub = startHub({
      clock,
      authenticate: ({ token }) => ({ id: token ?? '', expiresAt: clock.now() + 60_000 }),
    })
    const [bob, carol] = [await join(hub, 'bob'), await join(hub, 'carol')]
    await clock.advance(50_000)
    await carol.auth('carol')
    for (let second = 0; second < 20; second++) {
      for (const client of [bob, carol]) client.session.heard()
      await clock.advance(1_000)
    }
    expect(bob.link.closure).toEqual({ code: 4401, reason: 'token_expired' })
    expect(carol.link.closure).toBeNull()
  })

  it('derives the same anonymous identity from the same secret, and no other from it', async () => {
    const hub = startHub()
    const identityOf = async (anonymousKey?: string): Promise<string> => {
      const key = anonymousKey === undefined ? {} : { anonymousKey }
      const answer = await new FakeClient(hub).ask({ type: 'auth', clientId: 'c', ...key })
      return answer.type === 'welcome' ? answer.identity.id : ''
    }
    const key = 'k'.repeat(22)
    expect(await identityOf(key)).toMatch(/^anon-.{22}$/)
    expect(await identityOf(key)).toBe(await identityOf(key))
    expect(await identityOf('l'.repeat(22))).not.toBe(await identityOf(key))
    expect(await identityOf()).not.toBe(await identityOf())
  })

  it('S19: what breaks inside reaches the client as a reference, and the log in full', async () => {
    const hub = startHub({
      authenticate,
      channels: {
        room: {
          authorize: () => {
            throw new Error('password is hunter2')
          },
        },
      },
    })
    const bob = await join(hub, 'bob')
    const answer = await bob.ask({ type: 'publish', channel: 'room', messages: [{ id: 'm', data: 1 }] })
    expect(answer).toMatchObject({
      error: { code: 'internal', message: expect.stringContaining('Reference: ') },
    })
    const eve = new FakeClient(hub)
    await eve.auth('broken')
    expect(eve.link.closure?.code).toBe(4500)
    const sent = [...bob.link.sent, ...eve.link.sent].map(({ text }) => text).join()
    expect(sent).not.toMatch(/hunter2|10\.0\.0\.7|\.ts:/)
    expect(lines.join()).toMatch(/hunter2/)
  })

  it('S19: the message of an error from the log stays on the server', async () => {
    const log = memoryLog()
    log.append = () => Promise.reject(new HubError('log_unavailable', { message: '/srv/secret.db is gone' }))
    const hub = startHub({ log })
    const bob = await join(hub)
    const answer = await bob.ask({ type: 'publish', channel: 'room', messages: [{ id: 'm', data: 1 }] })
    expect(answer).toMatchObject({ error: { code: 'log_unavailable', retryWhen: 'backoff' } })
    expect(JSON.stringify(answer)).not.toContain('secret')
    expect(lines.join()).toContain('secret')
  })

  it('S12: no token is ever logged', async () => {
    const all: string[] = []
    const hub = startHub({ authenticate, logger: jsonLogger((line) => all.push(line), { level: 'debug' }) })
    const token = 'token-that-stays-secret'
    const bob = await join(hub, token)
    bob.session.receive(`{"type":"auth","id":9,"clientId":"c","token":"${token}",,}`)
    const eve = new FakeClient(hub)
    await eve.auth('broken')
    expect(all.join()).toMatch(/authenticat|auth/)
    expect(all.join()).not.toContain(token)
    expect(all.join()).not.toContain('"broken"')
  })

  it('S13: a logged value cannot pretend to be another entry', () => {
    const out: string[] = []
    const forged = 'x\n{"level":"error"}\r\u2028\u0085\u001b[31m'
    jsonLogger((line) => out.push(line)).error({ channel: forged }, 'refused')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(out[0]).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/)
    expect(JSON.parse(out[0] as string)).toMatchObject({ level: 'error', channel: forged })
  })

  it("S12: an identity that is none is the hub's error, and welcomes nobody", async () => {
    const wrong: object[] = [
      { id: '' },
      { id: 7 },
      { id: 'x'.repeat(201) },
      { id: 'a\ud800' },
      { id: 'ann', expiresAt: Number.NaN },
      { id: 'ann', expiresAt: Number.POSITIVE_INFINITY },
      { id: 'ann', expiresAt: '2030-01-01' },
    ]
    for (const identity of wrong) {
      const hub = startHub({
        authenticate: ({ token }) => (token === undefined ? undefined : (identity as { id: string })),
      })
      const client = new FakeClient(hub)
      expect(await client.auth('token')).toMatchObject({ type: 'error', error: { code: 'internal' } })
      expect(client.link.closure?.code).toBe(4500)
    }
  })
})
