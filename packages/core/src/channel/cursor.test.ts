import { expect, it } from 'vitest'
import { HoldfastError } from '../errors.ts'
import { at, scriptedServer } from './scripted-server.test-kit.ts'

const thrown = (call: () => unknown): unknown => {
  try {
    call()
  } catch (error) {
    return error
  }
  return null
}

it.each([
  'x',
  '',
  'x'.repeat(100),
  { last: -5 },
  { last: 2.5 },
  { last: 20_000 },
  { last: '3' },
  { since: 1.5 },
  { since: -1 },
  { since: new Date(0) },
  { since: Number.POSITIVE_INFINITY },
  { last: 2.5, since: 1 },
  {},
  [],
  null,
  7,
])('a subscription from %j is refused before anything is sent', (from) => {
  const { registry, wire } = scriptedServer()
  const error = thrown(() => registry.channel('room').subscribe({ from: from as 'now' }, () => undefined))
  expect(error).toBeInstanceOf(HoldfastError)
  expect(error).toMatchObject({ code: 'bad_cursor', hint: expect.any(String) })
  expect(wire).toEqual([])
})

it.each([
  { limit: 0 },
  { limit: 1_001 },
  { limit: 1.5 },
  { limit: Number.POSITIVE_INFINITY },
  { limit: '5' },
  { before: '' },
  { after: 'x'.repeat(100) },
  { before: at(3), after: at(1) },
])('a page of %j is refused before anything is sent', async (options) => {
  const { registry, wire } = scriptedServer()
  const page = registry.channel('room').history(options as { limit: number })
  await expect(page).rejects.toMatchObject({ code: 'bad_cursor' })
  expect(wire).toEqual([])
})

it('every kind of place is taken', async () => {
  const server = scriptedServer()
  server.append('room', 1, 2, 3)
  for (const from of ['now', 'earliest', at(1), { last: 0 }, { last: 10_000 }, { since: 0 }] as const) {
    const room = server.registry.channel('room')
    await room.subscribe({ from }, () => undefined).ready
  }
  await server.registry.channel('room').history({ before: at(3), limit: 1 })
})
