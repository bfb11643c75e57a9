import { describe, expect, it } from 'vitest'
import { Offsets } from './offsets.ts'
import { Patterns } from './patterns.ts'

describe('Patterns', () => {
  it('finds the most specific pattern and what stood in its braces', () => {
    const patterns = new Patterns({ '{any}': 0, 'room:{id}': 1, 'room:lobby': 2, '{kind}:{id}': 3 })
    expect(patterns.find('room:42')).toMatchObject({ config: 1, params: { id: '42' } })
    expect(patterns.find('room:lobby')).toMatchObject({ config: 2, params: {} })
    expect(patterns.find('user:7')).toMatchObject({ config: 3, params: { kind: 'user', id: '7' } })
    expect(patterns.find('alone')?.config).toBe(0)
    expect(patterns.find('room:1:admin')).toBeNull()
  })

  it('takes names as they are, whatever they contain', () => {
    const patterns = new Patterns({ 'a.b': 1, '[x]{id}': 2 })
    expect(patterns.find('axb')).toBeNull()
    expect(patterns.find('[x]__proto__')).toMatchObject({ config: 2, params: { id: '__proto__' } })
  })

  it('refuses malformed patterns', () => {
    for (const pattern of ['', 'a{', 'a}b', '{1}', '{a}{a}']) {
      expect(() => new Patterns({ [pattern]: 0 })).toThrow(expect.objectContaining({ code: 'bad_config' }))
    }
  })
})

describe('Offsets', () => {
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
