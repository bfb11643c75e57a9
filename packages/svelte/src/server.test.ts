// @vitest-environment node
import { roomServer } from '@holdfast/conformance/binding'
import { expect, it } from 'vitest'
import { renderPage, renderStores } from '../test/server.ts'

it('nothing opens on a server without a document, whatever its client does elsewhere', async () => {
  expect(typeof window).toBe('undefined')
  const server = roomServer()
  const client = server.client()
  expect(renderPage(client, 'room', {})).toContain('idle OFFLINE false')
  expect(renderStores(client)).toContain('true OFFLINE false')
  await server.clock.advance(0)
  expect(server.transport.links).toHaveLength(0)
  expect(server.clock.pending).toBe(0)

  client.connect()
  client.channel('room').subscribe(() => undefined)
  await server.clock.advance(0)
  expect(client.status$.value.status).toBe('ONLINE')
  expect(client.channel('room').status$.value.status).toBe('subscribed')
  const { pending } = server.clock
  expect(renderPage(client, 'room', {})).toContain('idle OFFLINE false')
  expect(renderStores(client)).toContain('true OFFLINE false')
  await server.clock.advance(0)
  expect(server.commands).toEqual(['subscribe room'])
  expect(server.clock.pending).toBe(pending)
})
