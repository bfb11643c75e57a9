import { afterEach, expect, it, vi } from 'vitest'
import { platformLocks } from './locks.ts'

afterEach(() => vi.unstubAllGlobals())

it('a document that may have no locks gets none, and its client goes on', async () => {
  const request = (): Promise<never> =>
    Promise.reject(new DOMException('no locks in a sandboxed frame', 'SecurityError'))
  vi.stubGlobal('navigator', { locks: { request } })
  expect(await platformLocks().tryAcquire('one')).toBeNull()
})
