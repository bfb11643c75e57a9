import { describe, expect, it } from 'vitest'
import { Events } from './events.ts'
import { jsonLogger } from './logger.ts'

describe('logging', () => {
  it('writes what has no JSON all the same, on one line', () => {
    const lines: string[] = []
    const logger = jsonLogger((line) => lines.push(line))
    const circle: Record<string, unknown> = { name: 'circle' }
    circle.self = circle
    logger.error({ error: circle }, 'first')
    logger.error({ error: new Error('outer\nnext', { cause: circle }) }, 'second')
    logger.error({ big: 1n, bad: { toJSON: () => JSON.parse('{') as unknown } }, 'third')
    expect(lines.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual([
      'first',
      'second',
      'third',
    ])
    expect(lines.join('')).toContain('circle')
    expect(lines.join('')).not.toContain('\n')
  })

  it('a logger that throws disturbs nobody: the error event is told', () => {
    const broken = (): void => {
      throw new Error('the disk is full')
    }
    const events = new Events({ debug: broken, info: broken, warn: broken, error: broken })
    const told: unknown[] = []
    events.on('error', () => {
      throw new Error('a listener of the application')
    })
    events.on('error', ({ error }) => told.push(error))
    events.fail('test', 'what failed')
    expect(told).toEqual(['what failed'])
  })
})
