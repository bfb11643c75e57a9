// `node --import <this file> some.ts` runs sources as they stand, without a build: Node strips the types, this hook
// sends `@holdfast/*` to the sources instead of `dist`.
import { registerHooks } from 'node:module'
import { sourceUrls } from './sources.mjs'

registerHooks({
  resolve(specifier, context, nextResolve) {
    const url = sourceUrls.get(specifier)
    return url ? { url: url.href, shortCircuit: true } : nextResolve(specifier, context)
  },
})
