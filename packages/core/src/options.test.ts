import { expect, it } from 'vitest'
import { type ClientOptions, readOptions } from './options.ts'
import { websocket } from './transports/websocket.ts'

const transports = [websocket({ url: 'ws://localhost' })]

it('refuses a bad configuration by name', () => {
  for (const [name, options] of [
    ['transports', {}],
    ['transports', { transports: [] }],
    ['transports', { transports: [null] }],
    ['transports', { transports: transports[0] }],
    ['auth', { transports, auth: 'a token' }],
    ['away.afterMs', { transports, away: { afterMs: -1 } }],
    ['outbox.maxItems', { transports, outbox: { maxItems: Number.NaN } }],
    ['lingerMs', { transports, lingerMs: '2500' }],
  ] satisfies [string, object][]) {
    expect(() => readOptions(options as unknown as ClientOptions)).toThrow(
      expect.objectContaining({ code: 'bad_config', message: expect.stringContaining(name) }),
    )
  }
  expect(() => readOptions({ transports, auth: () => null })).not.toThrow()
})
