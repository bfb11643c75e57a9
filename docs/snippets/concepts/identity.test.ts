// @vitest-environment happy-dom
import 'fake-indexeddb/auto'
import { indexedDb } from '@holdfast/core/stores/indexeddb'
import { describe, expect, it } from 'vitest'
import { passing, RECONNECT_MS, setStage } from '../kit/stage.ts'
import * as identity from './identity.ts'

const stage = setStage()

/** Tokens are the user's name, a dot, and when they end. */
const users = (cookieOf = 'ann'): identity.Users => ({
  verify: async (token) => {
    const [sub = '', end = '0'] = token.split('.')
    const isOver = Number(end) * 1_000 <= Date.now()
    return isOver ? null : { sub, exp: Number(end), role: sub === 'ann' ? 'editor' : 'reader' }
  },
  sessionOf: async (cookie) => (cookie === 'session=7' ? { user: cookieOf } : null),
  isMember: async (user, room) => user === 'ann' || room === 'all',
})
const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1_000) + seconds
const tokenOf = (user: string, seconds = 60): string => `${user}.${inSeconds(seconds)}`

async function outcomeOf(promise: Promise<unknown>): Promise<string> {
  const outcome = promise.then(
    () => 'yes',
    ({ code }) => code,
  )
  await passing()
  return outcome
}

describe('an identity', () => {
  it('comes from a token, which is renewed before it ends and when it is refused', async () => {
    stage.use(identity.hubWithTokens(users()))
    let renewals = 0
    const renew = async (): Promise<string> => {
      renewals++
      return tokenOf('ann')
    }
    const client = stage.own(identity.clientWithTokens({ token: tokenOf('ann') }, renew))
    const names: string[] = []
    identity.whoAmI(client, (name) => names.push(name))
    expect(await outcomeOf(client.channel('room:1').subscribe(() => undefined).ready)).toBe('yes')
    expect(names).toEqual(['unknown', 'ann'])
    await passing(47_000)
    expect(renewals).toBe(0)
    await passing(2_000)
    expect(renewals).toBe(1)
    await passing(10_000)
    expect(client.status).toBe('ONLINE')
    const late = stage.own(identity.clientWithTokens({ token: tokenOf('ann', -1) }, renew))
    late.connect()
    await passing(RECONNECT_MS)
    expect([late.status, renewals]).toEqual(['ONLINE', 2])
  })

  it('stays that of its connection', async () => {
    stage.use(identity.hubWithTokens(users()))
    const client = stage.own(identity.clientWithTokens({ token: tokenOf('ann') }, async () => tokenOf('ben')))
    client.connect()
    await passing(50_000)
    expect(client.status$.value).toMatchObject({ status: 'OFFLINE', reason: 'refused' })
  })

  it('comes from a cookie, or there is no connection', async () => {
    const hub = stage.use(identity.hubWithCookies(users()))
    const request = (cookie?: string) => ({
      headers: { host: 'localhost', origin: 'http://localhost', ...(cookie && { cookie }) },
      url: '/realtime',
      remoteAddress: '127.0.0.1',
    })
    expect(await hub.admit(request('session=7'), false)).toEqual({ id: 'ann' })
    await expect(hub.admit(request('session=8'), false)).rejects.toMatchObject({ code: 'unauthenticated' })
    await expect(hub.admit(request(), false)).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  it('may do what the rules say', async () => {
    stage.use(identity.hubWithRules(users()))
    const clientOf = (user: string) => stage.client({ auth: () => ({ token: tokenOf(user) }) })
    const may = (user: string, channel: string): Promise<string> =>
      outcomeOf(
        clientOf(user)
          .channel(channel)
          .subscribe(() => undefined).ready,
      )
    const mayPublish = (user: string, channel: string): Promise<string> =>
      outcomeOf(clientOf(user).channel(channel).publish('message', 1))
    expect(await may('ann', 'room:1')).toBe('yes')
    expect(await may('ben', 'room:1')).toBe('forbidden')
    expect(await may('ben', 'room:all')).toBe('yes')
    expect(await may('ben', 'news:weather')).toBe('yes')
    expect(await mayPublish('ben', 'news:weather')).toBe('forbidden')
    expect(await mayPublish('ann', 'news:weather')).toBe('yes')
    expect(await may('ben', 'user:ann')).toBe('forbidden')
    expect(await may('ben', 'elsewhere')).toBe('unknown_channel')
    expect(await may('ben', 'preview:7')).toBe('forbidden')
    const shown: unknown[] = []
    const client = clientOf('ben')
    identity.preview(client, (data) => shown.push(data))
    await passing()
    expect(client.channel('preview:7').status$.value.status).toBe('subscribed')
  })

  it('has its own store, is shown from it at once, and is forgotten at the logout', async () => {
    const hub = stage.use(identity.hubWithTokens(users()))
    await hub.publish('room:all', 'message', 'for members')
    const first = identity.clientOf({ id: 'ann' }, async () => tokenOf('ann'))
    first.channel('room:all').subscribe({ from: 'earliest' }, () => undefined)
    await passing(1_000)
    await Promise.all([first.close(), passing(1_000)])

    stage.network.hub = null
    const offline = stage.own(identity.clientOf({ id: 'ann' }, async () => tokenOf('ann')))
    const [held] = await Promise.all([offline.channel('room:all').load(), passing(1_000)])
    expect(held.messages.map(({ data }) => data)).toEqual(['for members'])

    stage.network.hub = hub
    await passing(30_000)
    const names: string[] = []
    identity.whoAmI(offline, (name) => names.push(name))
    const gaps: string[] = []
    const goesOn = offline.channel('room:all')
    goesOn.subscribe({ onGap: ({ reason }) => gaps.push(reason) }, () => undefined)
    const denied = offline.channel('user:ann')
    denied.subscribe(() => undefined)
    await passing()
    expect(denied.status$.value.status).toBe('denied')
    await Promise.all([identity.switchUser(offline, async (user) => tokenOf(user)), passing(1_000)])
    await passing(1_000)
    expect(names).toEqual(['ann', 'unknown', 'ben'])
    expect([goesOn.status$.value.status, gaps]).toEqual(['subscribed', ['reset']])
    expect(denied.status$.value.status).toBe('denied')
    const [after] = await Promise.all([offline.channel('room:all').load(), passing(1_000)])
    expect(after.messages).toEqual([])
    await Promise.all([offline.close(), passing(1_000)])

    const back = stage.own(identity.clientOf({ id: 'ann' }, async () => tokenOf('ann')))
    const [wiped] = await Promise.all([back.channel('room:all').load(), passing(1_000)])
    expect(wiped.messages).toEqual([])
  })

  it('is anonymous where nobody asks, and the same after a reload', async () => {
    stage.hub()
    const visit = async () => {
      const client = stage.client({ store: indexedDb({ name: 'visit' }) })
      client.connect()
      await passing(1_000)
      const now = client.identity$.value
      await Promise.all([client.close(), passing(1_000)])
      return now
    }
    const first = await visit()
    expect(first).toMatchObject({ isAnonymous: true })
    expect(await visit()).toEqual(first)
  })
})
