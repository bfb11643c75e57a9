import { expect, it } from 'vitest'
import { parseOptions } from './options.ts'

it('runs a thousand seeds where nothing is said, and no mutants', () => {
  expect(parseOptions([])).toMatchObject({ seeds: 1_000, seed: null, mutant: null, mutantSeeds: 0 })
})

it('takes the two scopes, with their mutants', () => {
  expect(parseOptions(['--quick'])).toMatchObject({ seeds: 1_000, mutantSeeds: 300 })
  expect(parseOptions(['--full'])).toMatchObject({ seeds: 20_000, mutantSeeds: 1_000 })
  expect(() => parseOptions(['--quick', '--full'])).toThrow('not both')
})

it('takes a number of seeds, one seed, a mutant, or the mutants alone', () => {
  expect(parseOptions(['--seeds', '5', '--workers', '3'])).toMatchObject({ seeds: 5, workers: 3 })
  expect(parseOptions(['--seed', '7', '--trace', '--mutant', 'no-probe'])).toMatchObject({
    seed: 7,
    isTraced: true,
    mutant: 'no-probe',
  })
  expect(parseOptions(['--mutants'])).toMatchObject({ seeds: 0, mutantSeeds: 1_000 })
})

it('begins with another seed where told so', () => {
  expect(parseOptions([])).toMatchObject({ from: 1 })
  expect(parseOptions(['--seeds', '5', '--from', '20001'])).toMatchObject({ seeds: 5, from: 20_001 })
})

it('refuses what makes no sense, readably', () => {
  expect(() => parseOptions(['--seeds', 'many'])).toThrow('--seeds takes a number from 1')
  expect(() => parseOptions(['--seed', '0'])).toThrow('--seed takes a number from 1')
  expect(() => parseOptions(['--mutant', 'no-sense'])).toThrow('no mutant "no-sense"; there are ')
  expect(() => parseOptions(['--speed'])).toThrow()
})
