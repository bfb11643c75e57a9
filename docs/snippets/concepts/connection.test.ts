// @vitest-environment happy-dom
import { indexedDb } from '@holdfast/core/stores/indexeddb'
import { describe, expect, it } from 'vitest'
import { passing, RECONNECT_MS, setStage } from '../kit/stage.ts'
import * as connection from './connection.ts'

const stage = setStage()

describe('the connection', () => {
  it('says in which status it is, and why', async () => {
    stage.hub()
    const client = stage.client()
    const shown: string[] = []
    const texts: string[] = []
    client.status$.subscribe((state) => texts.push(connection.textOf(state)))
    connection.showStatus(client, (text) => shown.push(text))
    client.connect()
    await passing(1_000)
    stage.network.hub = null
    stage.network.cut()
    await passing(RECONNECT_MS)
    client.disconnect()
    expect(texts.slice(0, 5)).toEqual([
      'OFFLINE initial',
      'CONNECTING opening',
      'CONNECTING authenticating',
      'ONLINE connected',
      'CONNECTING backoff',
    ])
    expect(texts.at(-1)).toBe('OFFLINE closed')
    expect(shown.slice(0, 4)).toEqual(['Offline', 'Connecting …', 'Connecting …', ''])
    expect(shown[4]).toMatch(/^Next try at /)
  })

  it('without a network waits for it', async () => {
    stage.hub()
    const client = stage.client()
    const shown: string[] = []
    client.connect()
    await passing()
    connection.showStatus(client, (text) => shown.push(text))
    const isOnLine = (value: boolean): void =>
      void Object.defineProperty(navigator, 'onLine', { value, configurable: true })
    isOnLine(false)
    window.dispatchEvent(new Event('offline'))
    stage.network.cut()
    await passing()
    expect(shown.at(-1)).toBe('No network')
    isOnLine(true)
    window.dispatchEvent(new Event('online'))
    await passing(RECONNECT_MS)
    expect(shown.at(-1)).toBe('')
  })

  it('comes back only when told to, after a disconnect', async () => {
    stage.hub()
    const client = stage.client()
    connection.comeAndGo(client)
    await passing()
    expect(client.status).toBe('ONLINE')
    client.disconnect()
    window.dispatchEvent(new Event('focus'))
    window.dispatchEvent(new Event('online'))
    await passing(60_000)
    expect([client.status, stage.network.open]).toEqual(['OFFLINE', 0])
  })

  it('is refused for good where the second token in a row is rejected', async () => {
    stage.hub({ authenticate: ({ reason }) => (reason === 'upgrade' ? undefined : null) })
    const client = stage.client({ auth: () => ({ token: 'old' }) })
    const shown: string[] = []
    connection.showStatus(client, (text) => shown.push(text))
    client.connect()
    await passing(60_000)
    expect(shown.at(-1)).toBe('Please sign in again')
    expect(client.status$.value).toMatchObject({
      status: 'OFFLINE',
      reason: 'refused',
      error: { code: 'denied' },
    })
  })

  it('goes to the next URL where one cannot be reached', async () => {
    stage.hub()
    stage.network.down.add('eu.example')
    const client = stage.own(connection.clientWithUrls())
    client.connect()
    await passing(RECONNECT_MS)
    expect(client.status).toBe('ONLINE')
    stage.network.down.add('us.example')
    stage.network.cut()
    await passing(60_000)
    expect(client.status).toBe('CONNECTING')
  })

  it('is AWAY while nobody is there', async () => {
    stage.hub()
    const client = stage.own(connection.clientWithUrls())
    const told: boolean[] = []
    connection.watchAway(client, (isAway) => told.push(isAway))
    client.connect()
    await passing(5 * 60_000 - 1_000)
    expect([client.status, told]).toEqual(['ONLINE', []])
    await passing(2_000)
    expect([client.status, client.isConnected, told]).toEqual(['AWAY', true, [true]])
    window.dispatchEvent(new Event('keydown'))
    expect([client.status, told]).toEqual(['ONLINE', [true, false]])
  })

  it('tells errors that belong to no call', async () => {
    stage.hub()
    const client = stage.client({ store: indexedDb({ name: 'no database here' }) })
    const told: string[] = []
    connection.showErrors(client, (text) => told.push(text))
    client.connect()
    await passing(10_000)
    expect(told[0]).toMatch(/^storage_failed: .*errors\.md#storage_failed$/)
  })
})
