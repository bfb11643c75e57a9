import { expect, it } from 'vitest'
import { Told } from './told.ts'

const A = '000001aaaaaaaaaaaaa'

it('L3: a loss is news once, and a second one only where it reaches further up', () => {
  const told = new Told()
  expect(told.take(A, 99, 100)).toEqual({ from: 99, to: 100 })
  expect(told.take(A, 99, 100)).toBe(null)
  expect(told.take(A, 99, 102)).toEqual({ from: 101, to: 102 })
  expect(told.take(A, 100, 101)).toBe(null)
})

it('L3: a second failover that loses what lies below the first loss is news', () => {
  const told = new Told()
  told.take(A, 44, 45)
  expect(told.take(A, 43, 45)).toEqual({ from: 43, to: 43 })
  expect(told.take(A, null, 45)).toEqual({ from: null, to: 42 })
  expect(told.take(A, 1, 45)).toBe(null)
})

it('is kept and restored; a record without its lower end counts as told from the beginning', () => {
  const told = new Told()
  told.take(A, 44, 45)
  const restored = new Told()
  restored.restore(told.record)
  expect(restored.take(A, 44, 45)).toBe(null)
  expect(restored.take(A, 40, 45)).toEqual({ from: 40, to: 43 })
  const old = new Told()
  old.restore([[A, 45]])
  expect(old.take(A, 3, 45)).toBe(null)
})

it('remembers four terms', () => {
  const told = new Told()
  for (const counter of [1, 2, 3, 4, 5]) told.take(`00000${counter}aaaaaaaaaaaaa`, 1, 9)
  expect(told.record.map(([term]) => term[5])).toEqual(['2', '3', '4', '5'])
})
