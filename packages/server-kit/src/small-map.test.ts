import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SmallMap } from './small-map.ts'

it('answers as a Map does, whatever is put in and taken out', () => {
  const step = fc.record({ isSet: fc.boolean(), key: fc.nat(4), value: fc.nat() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const [small, map] = [new SmallMap<number, number>(), new Map<number, number>()]
      for (const { isSet, key, value } of steps) {
        if (isSet) {
          small.set(key, value)
          map.set(key, value)
        } else {
          small.delete(key)
          map.delete(key)
        }
        expect(small.size).toBe(map.size)
        for (let other = 0; other <= 4; other++) {
          expect(small.get(other)).toBe(map.get(other))
          expect(small.has(other)).toBe(map.has(other))
        }
        expect(new Map(small.entries())).toEqual(map)
        expect(small.values().toSorted()).toEqual([...map.values()].toSorted())
      }
    }),
  )
})
