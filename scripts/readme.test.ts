import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'

/** What the README leaves to its reader: their own functions, and the objects of an earlier snippet. */
const SURROUNDINGS = `
declare const app: import('node:http').RequestListener
declare function sessionOf(token: string): Promise<{ id: string }>
declare function mayUse(identity: { id: string }, room: string | undefined, action: string): boolean
declare function fetchToken(): Promise<string>
declare function show(message: import('@holdfast/core').Message): void
declare function showGap(gap: import('@holdfast/core').Gap): void
`
const CLIENT = `declare const client: import('@holdfast/core').Client\n`

const folder = 'reports/readme'

it('the snippets of the README compile', () => {
  const readme = readFileSync('README.md', 'utf8')
  const snippets = [...readme.matchAll(/^```(tsx?)\n(.*?)^```/gms)].map(([, kind = '', code = '']) => ({
    kind,
    code,
  }))
  expect(snippets.length).toBeGreaterThanOrEqual(3)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const [index, { kind, code }] of snippets.entries()) {
    const before = SURROUNDINGS + (code.includes('const client') ? '' : CLIENT)
    writeFileSync(`${folder}/snippet-${index + 1}.${kind}`, before + code)
  }
  writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(TSCONFIG))
  const tsc = 'node_modules/@typescript/native/bin/tsc'
  const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })
  expect(`${stdout}${status}`).toBe('0')
}, 60_000)

const TSCONFIG = {
  extends: '../../tsconfig.base.json',
  compilerOptions: {
    lib: ['es2023', 'dom', 'dom.iterable'],
    types: ['node'],
    jsx: 'react-jsx',
    declaration: false,
    isolatedDeclarations: false,
    noUnusedLocals: false,
  },
  include: ['.'],
}
