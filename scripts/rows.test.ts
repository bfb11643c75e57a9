import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { expandIds, idsIn, playwrightResults, rowsOf, stateOf, vitestResults } from './rows.mjs'

describe('rows', () => {
  it('reads the rows of the page, and nothing else', () => {
    const page = '# Title\n| ID | Given |\n|---|---|\n| R4 | From an offset. |\ntext R5\n| R12 | Hooks. |\n'
    expect(rowsOf(page)).toEqual([
      { id: 'R4', text: 'From an offset.' },
      { id: 'R12', text: 'Hooks.' },
    ])
  })

  it('has no row twice in the page', () => {
    const ids = rowsOf(readFileSync('docs/acceptance.md', 'utf8')).map(({ id }) => id)
    expect(ids.length).toBeGreaterThan(150)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it.each([
    ['R4: replays', ['R4']],
    ['R4 (redis): replays', ['R4']],
    ['R4 (redis), R7: replays', ['R4', 'R7']],
    ['R4, R7 (sqlite): replays', ['R4', 'R7']],
    ['R4 (a, R9): replays', ['R4']],
    ['replays as R4 says: yes', []],
    ['R4 replays', []],
  ])('finds the rows that the title "%s" names', (title, ids) => {
    expect(idsIn(title)).toEqual(ids)
  })

  it('counts a row as passed only when each of its tests ran and passed', () => {
    const rows = ['R1', 'R2', 'R3', 'R4'].map((id) => ({ id, text: '' }))
    const results = vitestResults({
      testResults: [
        {
          assertionResults: [
            { title: 'R1: holds', status: 'passed' },
            { title: 'R1 (sqlite): holds', status: 'passed' },
            { title: 'R2: holds', status: 'passed' },
            { title: 'R2 (sqlite): holds', status: 'failed' },
            { title: 'R3: holds', status: 'skipped' },
          ],
        },
      ],
    })
    expect(stateOf(rows, results).map(({ id, state, tests }) => [id, state, tests])).toEqual([
      ['R1', 'passed', 2],
      ['R2', 'failing', 2],
      ['R3', 'failing', 1],
      ['R4', 'no test', 0],
    ])
  })

  it('reads nested suites of Playwright; skipped, flaky and expected failures are not passes', () => {
    const spec = (title: string, status: string, result: string) => ({
      title,
      tests: [{ status, results: [{ status: result }] }],
    })
    const report = {
      suites: [
        {
          specs: [spec('W1: a', 'expected', 'passed')],
          suites: [
            {
              specs: [
                spec('W2: b', 'skipped', 'skipped'),
                spec('W3: c', 'flaky', 'passed'),
                spec('W4: d', 'expected', 'failed'),
              ],
            },
          ],
        },
      ],
    }
    expect(playwrightResults(report).map(({ passed }) => passed)).toEqual([true, false, false, false])
  })

  it('expands lists and ranges of rows', () => {
    expect(expandIds('C1,R3-R5, L1')).toEqual(['C1', 'R3', 'R4', 'R5', 'L1'])
    expect(() => expandIds('R3..R5')).toThrow('Not a row')
  })
})
