import { websocket } from '@holdfast/core/transports/websocket'
import { expect, it } from 'vitest'
import { addressOf, inOwnFolder, onFreePorts, RealWebSocket } from '../kit/machine.ts'
import { setStage, until } from '../kit/stage.ts'
import { startServer } from './server.ts'

const stage = setStage()

it('the server answers its pages, and clients over real sockets', async () => {
  inOwnFolder()
  onFreePorts()
  const { hub, server } = await startServer({
    app: (_request, response) => void response.end('a page'),
    sessionOf: async (token) => (token === 'token of ann' ? { id: 'ann' } : null),
    mayUse: ({ id }, room) => id === 'ann' && room === '42',
  })
  stage.use(hub)
  const address = await addressOf(server)
  expect(await (await fetch(address)).text()).toBe('a page')
  const seen: unknown[] = []
  const client = stage.client({
    transports: [websocket({ url: `${address}/realtime`, WebSocket: RealWebSocket })],
    auth: () => ({ token: 'token of ann' }),
  })
  const { ready } = client.channel('room:42').subscribe({ from: 'earliest' }, ({ data }) => seen.push(data))
  await ready
  await hub.publish('room:42', 'message', { text: 'again' })
  await until(() => seen.length === 2)
  expect(seen).toEqual([{ text: 'hello' }, { text: 'again' }])
  await expect(client.channel('room:7').subscribe(() => undefined).ready).rejects.toMatchObject({
    code: 'forbidden',
  })
  await client.close()
  server.close()
})
