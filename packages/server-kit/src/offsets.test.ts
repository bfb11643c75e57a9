import { describe, expect, it } from 'vitest'
import { Offsets } from './offsets.ts'

const TERM = '0000010000000000000'
const secret = new Uint8Array(32).fill(7)

describe('Offsets', () => {
  it('signs a prepared position as any other, and gives a prepared token to no other channel or position', () => {
    const offsets = new Offsets(secret)
    offsets.prepare('app/a', { term: TERM, seq: 5 })
    for (const [key, seq] of [
      ['app/b', 5],
      ['app/a', 6],
      ['app/a', 5],
      ['app/a', 5],
    ] as const) {
      const position = { term: TERM, seq }
      const token = offsets.sign(key, position)
      expect(token).toBe(new Offsets(secret).sign(key, position))
      expect(offsets.present(key, token)).toEqual({ ...position, isAuthentic: true })
    }
  })

  it('keeps a bounded number of prepared tokens', () => {
    const offsets = new Offsets(secret)
    for (let channel = 0; channel < 2_500; channel++)
      offsets.prepare(`app/${channel}`, { term: TERM, seq: 1 })
    expect(offsets.prepared).toBeLessThanOrEqual(1_000)
  })

  const offsets = new Offsets(new Uint8Array(32).fill(7))
  const position = { term: '000001aaaaaaaaaaaaa', seq: 5 }

  it('knows its own signature, on its own channel and position alone', () => {
    const token = offsets.sign('app/room', position)
    expect(offsets.present('app/room', token)).toEqual({ ...position, isAuthentic: true })
    expect(offsets.present('app/other', token).isAuthentic).toBe(false)
    expect(offsets.present('app/room', token.replace('5_', '6_')).isAuthentic).toBe(false)
    expect(offsets.present('app/room', token.split('.')[0] as string).isAuthentic).toBe(false)
    expect(new Offsets(new Uint8Array(32)).present('app/room', token).isAuthentic).toBe(false)
  })

  it('refuses what is no token', () => {
    expect(() => offsets.present('app/room', '5')).toThrow(expect.objectContaining({ code: 'bad_cursor' }))
  })
})
