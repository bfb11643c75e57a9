import { defineConfig } from 'tsup'

type Config = ReturnType<typeof defineConfig>

/** One build for every published package: ESM, CommonJS and types, a file per entry and shared chunks. */
export function library(entry: Record<string, string>): Config {
  return defineConfig({
    entry,
    format: ['esm', 'cjs'],
    dts: true,
    // CommonJS too, or each entry would carry its own copy of a class and `instanceof` would fail between them.
    splitting: true,
    // `node:sqlite` exists only under its prefix.
    removeNodeProtocol: false,
    target: 'es2023',
    tsconfig: 'tsconfig.build.json',
    clean: true,
    silent: true,
  })
}
