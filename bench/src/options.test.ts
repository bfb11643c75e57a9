import { describe, expect, it } from 'vitest'
import { parseOptions } from './options.ts'

const scenarios = ['fanout', 'idle']

describe('parseOptions', () => {
  it('runs five rounds, and one when it must be quick', () => {
    expect(parseOptions(['fanout'], scenarios)).toMatchObject({
      scenario: 'fanout',
      rounds: 5,
      isQuick: false,
    })
    expect(parseOptions(['idle', '--quick'], scenarios)).toMatchObject({ rounds: 1, isQuick: true })
    expect(parseOptions(['idle', '--quick', '--rounds', '2'], scenarios)).toMatchObject({ rounds: 2 })
  })

  it.each([[[]], [['nothing']], [['fanout', 'idle']], [['fanout', '--rounds', '0']], [['fanout', '--fast']]])(
    'refuses %j',
    (args) => {
      expect(() => parseOptions(args, scenarios)).toThrow()
    },
  )

  it('publishes no quick run', () => {
    expect(() => parseOptions(['fanout', '--quick', '--publish'], scenarios)).toThrow()
  })
})
