import { expect, it } from 'vitest'
import { HoldfastError } from '../errors.ts'
import { CLOSE_CODES } from '../protocol/index.ts'
import { inFlightError, lossOf, refusalOf } from './closure.ts'

const closed = (code: number, reason = '') => ({ code, reason })

it('every close code of the table is followed', () => {
  for (const [code, { action }] of Object.entries(CLOSE_CODES)) {
    expect(lossOf(closed(Number(code)), null).action).toBe(action)
    const fate = inFlightError(Number(code)).code
    expect(fate).toBe(
      action !== 'reject-in-flight' ? 'network' : code === '1009' ? 'frame_too_large' : 'bad_frame',
    )
  }
  expect(lossOf(closed(4999), null).action).toBe('reconnect-slowly')
})

it('the error frame before a close says more than the code', () => {
  const limited = new HoldfastError('rate_limited', { retryAfterMs: 900 })
  expect(lossOf(closed(1006), limited)).toEqual({ action: 'reconnect', error: limited, retryAfterMs: 900 })
  expect(lossOf(closed(1006), new HoldfastError('token_expired')).action).toBe('refresh-token')
  expect(lossOf(closed(1000), new HoldfastError('forbidden')).action).toBe('stop')
})

it('a lost network is no cause worth showing; a reason is', () => {
  expect(lossOf(closed(1006), null).error).toBeNull()
  expect(lossOf(closed(1006, 'no such host'), null).error).toMatchObject({
    code: 'network',
    message: 'no such host',
  })
})

it('a refusal is `denied`, unless the client itself is what is wrong', () => {
  expect(refusalOf(lossOf(closed(4403), null))).toMatchObject({
    code: 'denied',
    cause: { code: 'forbidden' },
  })
  expect(refusalOf(lossOf(closed(4406), null)).code).toBe('unsupported_version')
  expect(refusalOf(lossOf(closed(4409), null)).code).toBe('replaced')
})
