// Where `@holdfast/*` lives in the working tree: the `paths` of tsconfig.base.json, the only list there is.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('../', import.meta.url)
const { compilerOptions } = JSON.parse(readFileSync(new URL('tsconfig.base.json', root), 'utf8'))

/** @type {Map<string, URL>} */
export const sourceUrls = new Map(
  Object.entries(compilerOptions.paths).map(([name, [path]]) => [name, new URL(path, root)]),
)

/** For Vite and Vitest, which match whole specifiers only when given an expression. */
export const sourceAliases = [...sourceUrls].map(([name, url]) => ({
  find: new RegExp(`^${name}$`),
  replacement: fileURLToPath(url),
}))
