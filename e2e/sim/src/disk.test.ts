import { createVirtualClock } from '@holdfast/core/testing'
import { expect, it } from 'vitest'
import { Chance } from './chance.ts'
import { Disk } from './disk.ts'
import { Life } from './life.ts'

it('answers every write, in order, those that a sleep held up too', async () => {
  for (let seed = 0; seed < 50; seed++) {
    const clock = createVirtualClock()
    const life = new Life(clock)
    const { store } = new Disk().page(life, Chance.of(seed, 1))
    const answered: string[] = []
    life.sleep()
    clock.after(10, () => life.wake())
    for (const [at, n] of ['1', '2', '3', '4', '5', '6'].entries())
      clock.after(5 + at, () => void store.setValue('n', n).then(() => answered.push(n)))
    clock.after(20, () => void store.getValue('n').then((n) => answered.push(`read ${n}`)))
    await clock.advance(100)
    expect(answered).toEqual(['1', '2', '3', '4', '5', '6', 'read 6'])
  }
})
