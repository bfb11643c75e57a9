import { describe, expect, it } from 'vitest'
import { HoldfastError } from '../errors.ts'
import { scriptedServer } from './scripted-server.test-kit.ts'

/** Unsubscribed, the answer having failed so; then wanted again. */
async function wantedAgain(code: HoldfastError['code']) {
  const server = scriptedServer()
  const room = server.registry.channel('room')
  const stop = room.subscribe(() => undefined)
  await server.settle()
  server.failUnsubscribe(new HoldfastError(code))
  stop()
  await server.clock.advance(3_000)
  const data: unknown[] = []
  room.subscribe((message) => data.push(message.data))
  await server.clock.advance(60_000)
  return { server, room, data }
}

describe('an unsubscribe', () => {
  it.each(['timeout', 'internal', 'too_many_commands'] as const)(
    'that ends with %s does not keep the channel from being subscribed again',
    async (code) => {
      const { server, room, data } = await wantedAgain(code)
      expect(server.wire).toEqual(['subscribe room', 'unsubscribe room', 'subscribe room'])
      expect(room.status$.value.status).toBe('subscribed')
      server.append('room', 'x')
      expect(data).toEqual(['x'])
    },
  )

  it.each(['network', 'disconnected'] as const)(
    'that ends with %s leaves it to the next session',
    async (code) => {
      const { server, room } = await wantedAgain(code)
      expect(server.wire).toEqual(['subscribe room', 'unsubscribe room'])
      server.setUp(false)
      server.setUp(true)
      await server.settle()
      expect(server.wire).toEqual(['subscribe room', 'unsubscribe room', 'subscribe room'])
      expect(room.status$.value.status).toBe('subscribed')
    },
  )
})
