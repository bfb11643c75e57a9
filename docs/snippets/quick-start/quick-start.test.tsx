// @vitest-environment happy-dom
import 'fake-indexeddb/auto'
import type { Gap, Message } from '@holdfast/core'
import { expect, it } from 'vitest'
import { inOwnFolder, onFreePorts } from '../kit/machine.ts'
import { inReact } from '../kit/react.tsx'
import { atEnd, passing, RECONNECT_MS, setStage } from '../kit/stage.ts'
import { startClient } from './client.ts'
import { pageOf } from './room.tsx'
import { startServer } from './server.ts'

const stage = setStage()
const dataOf = (messages: readonly Message[]): unknown[] => messages.map(({ data }) => data)

async function serving() {
  inOwnFolder()
  onFreePorts()
  const { hub, server } = await startServer({
    app: (_request, response) => void response.end(),
    sessionOf: async (token) => (token === 'token of ann' ? { id: 'ann' } : null),
    mayUse: ({ id }, room) => id === 'ann' && room === '42',
  })
  atEnd(() => server.close())
  return stage.use(hub)
}

it('the client shows what there is, and sends what it could not send before, once', async () => {
  const hub = await serving()
  const shown: Message[] = []
  const gaps: Gap[] = []
  const page = {
    fetchToken: async () => 'token of ann',
    show: (message: Message) => void shown.push(message),
    showGap: (gap: Gap) => void gaps.push(gap),
  }
  stage.network.hub = null
  const starting = startClient(page)
  await passing(1_000)
  expect(shown).toEqual([])
  stage.use(hub)
  await passing(RECONNECT_MS)
  stage.own(await starting)
  expect(dataOf(shown)).toEqual([{ text: 'hello' }, { text: 'hello' }])
  expect(shown.map(({ sender }) => sender)).toEqual([null, 'ann'])
  expect(gaps).toEqual([])
})

it('the page shows the room, and publishes to it', async () => {
  await serving()
  const { text, settle, press, does } = await inReact(
    pageOf(stage.client({ auth: () => ({ token: 'token of ann' }) })),
  )
  await settle()
  expect(text()).toContain('ONLINE')
  await press('Say hello')
  await settle()
  expect(text()).toBe('ONLINEhelloSay hello')
  await does(() => {
    stage.network.hub = null
    stage.network.cut()
  })
  expect(text()).toContain('CONNECTING')
})
