import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { faultOf, fencesOf, pages, regionsOf, untested, unused } from './snippets.mjs'

const fences = pages().flatMap((page) => fencesOf(page, readFileSync(page, 'utf8')))

describe('the code on the pages', () => {
  it('is that of the files it names', () => {
    expect(fences.length).toBeGreaterThan(0)
    const faults = fences.map((fence) => ({ at: `${fence.page}:${fence.line}`, fault: faultOf(fence) }))
    expect(faults.filter(({ fault }) => fault !== null)).toEqual([])
  })

  it.each(pages())('%s hides no code in another form', (page) => {
    const marks = readFileSync(page, 'utf8').match(/^\s*(?:[-*>] )?(?:```|~~~)/gm) ?? []
    expect(marks).toHaveLength(2 * fences.filter((fence) => fence.page === page).length)
  })

  it('shows every region that there is', () => {
    expect(unused(fences)).toEqual([])
  })

  it('is run by tests', () => {
    expect(untested()).toEqual([])
  })
})

describe('the check itself', () => {
  const file = [
    '// #region a',
    "import { a } from 'a'",
    '// #endregion',
    'function all() {',
    '  // #region a',
    '  if (a) {',
    '    // #region b',
    '    b()',
    '    // #endregion',
    '  }',
    '',
    '  // #endregion',
    '}',
  ].join('\n')

  it('joins the parts of a region, and leaves out marks and the depth', () => {
    expect(Object.fromEntries(regionsOf(file))).toEqual({
      a: "import { a } from 'a'\n\nif (a) {\n  b()\n}\n",
      b: 'b()\n',
    })
  })

  it('takes a file without regions for one', () => {
    expect(Object.fromEntries(regionsOf('<p>\n  x\n</p>\n'))).toEqual({ '': '<p>\n  x\n</p>\n' })
  })

  it.each(['<!-- #region a -->\nx\n<!-- #endregion -->', '{/* #region a */}\nx\n{/* #endregion */}'])(
    'knows the marks of markup: %s',
    (text) => {
      expect(Object.fromEntries(regionsOf(text))).toEqual({ a: 'x\n' })
    },
  )

  it.each([
    '// #region\nx\n// #endregion',
    '// #region a\nx',
    'x\n// #endregion',
    '// #region a\n// #region a\n// #endregion',
  ])('refuses marks that belong to nothing: %j', (text) => expect(() => regionsOf(text)).toThrow('region'))

  const fence = (head: string, code = ''): ReturnType<typeof fencesOf>[number] => {
    const [found] = fencesOf('page.md', `text\n\n\`\`\`${head}\n${code}\`\`\`\n`)
    if (!found) throw new Error('no fence')
    return found
  }

  it('finds code without a source, from no file, and that was changed', () => {
    expect(fence('ts').line).toBe(3)
    expect(faultOf(fence('ts'))).toContain('needs a source')
    expect(faultOf(fence('js'))).toContain('needs a source')
    expect(faultOf(fence('ts snippet=none.ts#a'))).toContain('There is no')
    expect(faultOf(fence('ts snippet=quick-start/server.ts#none'))).toContain('has no region none')
    expect(faultOf(fence('ts snippet=quick-start/server.ts#server', 'changed()\n'))).toContain('differs')
    expect(faultOf(fence('sh', 'npm start\n'))).toBeNull()
  })

  it('finds what is on no page', () => {
    expect(unused([])).toContain('quick-start/server.ts#server')
  })
})
