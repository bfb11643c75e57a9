import { describe, expect, it } from 'vitest'
import { Patterns } from './patterns.ts'

describe('Patterns', () => {
  it('finds the most specific pattern and what stood in its braces', () => {
    const patterns = new Patterns({ '{any}': 0, 'room:{id}': 1, 'room:lobby': 2, '{kind}:{id}': 3 })
    expect(patterns.find('room:42')).toMatchObject({ value: 1, params: { id: '42' } })
    expect(patterns.find('room:lobby')).toMatchObject({ value: 2, params: {} })
    expect(patterns.find('user:7')).toMatchObject({ value: 3, params: { kind: 'user', id: '7' } })
    expect(patterns.find('alone')?.value).toBe(0)
    expect(patterns.find('room:1:admin')).toBeNull()
  })

  it('takes names as they are, whatever they contain', () => {
    const patterns = new Patterns({ 'a.b': 1, '[x]{id}': 2 })
    expect(patterns.find('axb')).toBeNull()
    expect(patterns.find('[x]__proto__')).toMatchObject({ value: 2, params: { id: '__proto__' } })
  })

  it('refuses malformed patterns', () => {
    for (const pattern of ['', 'a{', 'a}b', '{1}', '{a}{a}'])
      expect(() => new Patterns({ [pattern]: 0 })).toThrow(TypeError)
    expect(() => new Patterns({ 'a:{x}': 0, 'a:{y}': 1 })).toThrow('a:{x} and a:{y} stand for the same names')
  })
})
