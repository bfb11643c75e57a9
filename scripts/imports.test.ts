import { globSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSource } from './imports.mjs'

/**
 * Who may import whom. Paths are relative to `packages/`, `*` is one name and `**` any depth; the first rule that
 * matches a file holds, and each file needs one. `own` stands for the file's own folder or, for a single file, a
 * folder of its name. Tests are free.
 */
interface Rule {
  files: string
  /** Files of the same package. */
  inside: string[]
  /** Other packages and Node's own modules. */
  outside: string[]
}

const core = (...names: string[]) => names.map((name) => `core/src/${name}`)
const kit = (...names: string[]) => names.map((name) => `server-kit/src/${name}`)

const PROTOCOL = 'core/src/protocol/**'
const BASE = core('protocol/**', 'ports/**', 'deferred.ts', 'errors.ts', 'readable.ts')
/** What the rest of core sees of the connection. */
const CONNECTION_PORT = core('connection/status.ts', 'connection/connection.ts')
/** Types that channels are made of. */
const EVENT_MAP = 'core/src/contract/event-map.ts'
const CONTRACT = 'core/src/contract/index.ts'
const PURE_CORE = ['@holdfast/core/protocol', '@holdfast/core/ports', '@holdfast/core/contract']
const HUB = kit('*.ts')
const LOG_PORT = kit('log/log.ts', 'log/read-rule.ts')

const RULES: Rule[] = [
  // core: everything points inward, to the protocol and the ports.
  { files: 'core/src/ports/**', inside: ['own'], outside: [] },
  { files: PROTOCOL, inside: ['own'], outside: [] },
  { files: 'core/src/deferred.ts', inside: [], outside: [] },
  { files: 'core/src/errors.ts', inside: [PROTOCOL], outside: [] },
  { files: 'core/src/readable.ts', inside: [], outside: ['rxjs'] },
  { files: 'core/src/channel/told.ts', inside: [PROTOCOL], outside: [] },
  { files: 'core/src/channel/sequencer.ts', inside: [PROTOCOL, ...core('channel/told.ts')], outside: [] },
  { files: 'core/src/connection/backoff.ts', inside: [PROTOCOL], outside: [] },
  { files: 'core/src/connection/status.ts', inside: [PROTOCOL, 'core/src/errors.ts'], outside: [] },
  { files: 'core/src/contract/**', inside: ['own', ...BASE], outside: ['@standard-schema/spec'] },
  { files: 'core/src/transports/transport.ts', inside: BASE, outside: ['rxjs'] },
  {
    files: 'core/src/transports/*',
    inside: [...BASE, ...core('transports/transport.ts')],
    outside: ['rxjs'],
  },
  { files: 'core/src/stores/store.ts', inside: BASE, outside: [] },
  // One store in several files.
  { files: 'core/src/stores/indexeddb*.ts', inside: [...BASE, ...core('stores/*')], outside: ['idb'] },
  { files: 'core/src/stores/*', inside: [...BASE, ...core('stores/store.ts')], outside: ['idb'] },
  {
    files: 'core/src/connection/**',
    inside: ['own', ...BASE, ...core('transports/transport.ts')],
    outside: ['xstate', 'rxjs'],
  },
  {
    files: 'core/src/channel/**',
    inside: ['own', ...BASE, ...CONNECTION_PORT, EVENT_MAP, ...core('stores/store.ts', 'outbox/publish.ts')],
    outside: ['rxjs'],
  },
  {
    files: 'core/src/list/**',
    inside: [
      'own',
      ...BASE,
      ...core('channel/channel.ts', 'channel/listener.ts', 'channel/message.ts'),
      ...core('outbox/entry.ts', 'outbox/publish.ts'),
    ],
    outside: ['rxjs'],
  },
  {
    files: 'core/src/outbox/**',
    inside: ['own', ...BASE, ...CONNECTION_PORT, CONTRACT, EVENT_MAP, ...core('stores/store.ts')],
    outside: ['rxjs'],
  },
  {
    files: 'core/src/tanstack-query/**',
    inside: ['own', ...BASE, CONTRACT, ...core('client.ts', 'channel/message.ts')],
    outside: ['@tanstack/query-core'],
  },
  {
    files: 'core/src/testing/**',
    inside: ['own', ...BASE, ...core('transports/transport.ts', 'stores/store.ts', 'stores/memory.ts')],
    outside: [],
  },
  {
    files: 'core/src/options.ts',
    inside: [
      ...BASE,
      ...CONNECTION_PORT,
      CONTRACT,
      ...core('channel/sequencer.ts', 'connection/tokens.ts', 'stores/store.ts', 'transports/transport.ts'),
    ],
    outside: [],
  },
  { files: 'core/src/scope.ts', inside: [PROTOCOL, ...core('stores/store.ts')], outside: [] },
  {
    files: 'core/src/client.ts',
    inside: core('*/**', 'errors.ts', 'options.ts', 'readable.ts', 'scope.ts'),
    outside: ['rxjs'],
  },
  { files: 'core/src/index.ts', inside: core('**'), outside: [] },

  // Bindings know core's front door and their framework.
  { files: 'react/src/**', inside: ['own'], outside: ['@holdfast/core', 'react'] },
  { files: 'vue/src/**', inside: ['own'], outside: ['@holdfast/core', 'vue'] },
  { files: 'svelte/src/**', inside: ['own'], outside: ['@holdfast/core', 'svelte', 'svelte/*'] },

  // server-kit: mounts → endpoints → hub → log.
  {
    files: 'server-kit/src/log/read-rule.ts',
    inside: kit('log/log.ts', 'log/lineage.ts'),
    outside: ['@holdfast/core/protocol'],
  },
  {
    files: 'server-kit/src/log/**',
    inside: ['own', ...kit('log/*', 'errors.ts')],
    outside: [...PURE_CORE, 'node:*'],
  },
  { files: 'server-kit/src/endpoints/**', inside: ['own', ...HUB], outside: [...PURE_CORE, 'ws', 'node:*'] },
  {
    files: 'server-kit/src/mounts/**',
    inside: ['own', ...kit('endpoints/**'), ...HUB],
    outside: [...PURE_CORE, 'express', 'node:*'],
  },
  { files: 'server-kit/src/index.ts', inside: kit('**'), outside: PURE_CORE },
  { files: 'server-kit/src/*', inside: [...HUB, ...LOG_PORT], outside: [...PURE_CORE, 'node:*'] },

  // The suites use what a stranger can use.
  {
    files: 'conformance/src/**',
    inside: ['own', 'conformance/src/**'],
    outside: [
      '@holdfast/core',
      '@holdfast/core/*',
      '@holdfast/core/*/*',
      '@holdfast/server-kit',
      'vitest',
      'node:*',
    ],
  },
]

const CLOCK = ['Date', 'setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval']
const SURROUNDINGS = ['performance', 'Math.random', 'crypto', 'window', 'document', 'navigator', 'process']

/** Globals that a file may not touch: it takes the port instead. The first rule that matches a file holds. */
const BANNED: Array<{ files: string; globals: string[] }> = [
  ...core('ports/**', 'transports/**', 'stores/indexeddb*.ts', 'testing/**').map((files) => ({
    files,
    globals: [],
  })),
  { files: 'core/src/**', globals: [...CLOCK, ...SURROUNDINGS] },
  ...kit('mounts/**', 'endpoints/**').map((files) => ({ files, globals: [] })),
  { files: 'server-kit/src/**', globals: [...CLOCK, 'performance', 'Math.random'] },
]

const matches = (path: string, pattern: string) => posix.matchesGlob(path, pattern)

function isAllowed(file: string, imported: string, rule: Rule): boolean {
  if (!imported.startsWith('.')) return rule.outside.some((pattern) => matches(imported, pattern))
  const target = posix.join(posix.dirname(file), imported)
  const folder = posix.dirname(file)
  const own =
    rule.files.endsWith('/**') && file.startsWith(rule.files.slice(0, -2)) ? rule.files : `${folder}/**`
  const ofItsName = `${file.replace(/\.tsx?$/, '')}/**`
  return (
    matches(target, ofItsName) ||
    rule.inside.some((pattern) => matches(target, pattern === 'own' ? own : pattern))
  )
}

function badEdges(file: string, text: string): string[] {
  const rule = RULES.find(({ files }) => matches(file, files))
  if (!rule) return [`${file} has no rule: add its folder to the table in scripts/imports.test.ts`]
  return readSource(file, text)
    .imports.filter(({ what }) => !isAllowed(file, what, rule))
    .map(({ line, what }) => `${file}:${line} imports ${what}`)
}

function bannedGlobals(file: string, text: string): string[] {
  const banned = BANNED.find(({ files }) => matches(file, files))?.globals ?? []
  return readSource(file, text)
    .globals.filter(({ what }) => banned.includes(what))
    .map(({ line, what }) => `${file}:${line} touches ${what}`)
}

const sources = globSync('*/src/**/*.{ts,tsx,svelte}', { cwd: 'packages' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => !/\.test(-d|-kit)?\.tsx?$|^server-kit\/src\/testing\//.test(file))
  .map((file) => ({ file, text: readFileSync(`packages/${file}`, 'utf8') }))

describe('the sources', () => {
  it('import only what the table allows', () => {
    expect(sources.length).toBeGreaterThan(0)
    expect(sources.flatMap(({ file, text }) => badEdges(file, text))).toEqual([])
  })

  it('take clock, random and surroundings through the ports', () => {
    expect(sources.flatMap(({ file, text }) => bannedGlobals(file, text))).toEqual([])
  })
})

describe('the check itself', () => {
  it.each([
    ['core/src/protocol/codec.ts', `import { x } from '../errors.ts'`],
    ['core/src/ports/clock.ts', `export * from '../protocol/index.ts'`],
    ['core/src/channel/sequencer.ts', `import type { X } from './channel.ts'`],
    ['core/src/transports/websocket.ts', `import './relay.ts'`],
    ['core/src/stores/memory.ts', `const store = await import('./indexeddb.ts')`],
    ['core/src/connection/machine.ts', `import { x } from '../channel/channel.ts'`],
    ['core/src/client.ts', `import { x } from './index.ts'`],
    ['core/src/tanstack-query/bind-query-client.ts', `import { x } from '../channel/channel.ts'`],
    ['core/src/channel/channel.ts', `import { x } from 'node:fs'`],
    ['react/src/provider.tsx', `import { x } from '@holdfast/core/protocol'`],
    ['server-kit/src/hub.ts', `import { x } from './endpoints/websocket.ts'`],
    ['server-kit/src/hub.ts', `import { x } from './log/sqlite.ts'`],
    ['server-kit/src/hub.ts', `import { x } from '@holdfast/core'`],
    ['server-kit/src/log/sqlite.ts', `import { x } from 'ws'`],
    ['server-kit/src/endpoints/websocket.ts', `import { x } from '../log/log.ts'`],
    ['conformance/src/log/append.ts', `import { x } from '../../../server-kit/src/hub.ts'`],
    [
      'svelte/src/provider.svelte',
      `<!-- one -->\n<script lang="ts">\nimport { x } from '@holdfast/react'\n</script>\n<p>import</p>`,
    ],
    ['core/src/elsewhere/x.ts', ''],
  ])('refuses in %s: %s', (file, text) => {
    expect(badEdges(file, text)).toHaveLength(1)
  })

  it.each([
    ['core/src/protocol/codec.ts', `import { x } from './json.ts'`],
    [
      'core/src/transports/websocket.ts',
      `import { x } from './transport.ts'\nimport { y } from './websocket/socket.ts'`,
    ],
    ['core/src/client.ts', `import { x } from './channel/channel.ts'`],
    ['core/src/connection/status.ts', `import type { X } from '../errors.ts'`],
    ['react/src/provider.tsx', `import { x } from 'react'\nimport { y } from '@holdfast/core'`],
    [
      'server-kit/src/hub.ts',
      `import { x } from './log/log.ts'\nimport { y } from '@holdfast/core/protocol'`,
    ],
    ['server-kit/src/log/sqlite.ts', `import { x } from 'node:sqlite'\nimport { y } from './read-rule.ts'`],
    ['server-kit/src/mounts/express.ts', `import { x } from '../endpoints/websocket.ts'`],
    [
      'svelte/src/provider.svelte',
      `<script>\nimport { x } from './x.ts'\n</script>\nimport { y } from 'react'`,
    ],
  ])('accepts in %s: %s', (file, text) => {
    expect(badEdges(file, text)).toEqual([])
  })

  it.each([
    'const now = Date.now()',
    'const now = new Date()',
    'export const clock = { Date }',
    'const random = Math.random',
    'const random = Math["random"]()',
    'globalThis.setTimeout(() => {}, 1)',
    'const wait = (ms = 1) => setTimeout(() => {}, ms)',
    'if (typeof document === "undefined") throw new Error()',
    'const { env } = process',
  ])('finds the global in: %s', (text) => {
    expect(bannedGlobals('core/src/channel/channel.ts', text)).toHaveLength(1)
  })

  it.each([
    '// Date.now() and Math.random()',
    'const text = "setTimeout(Date)"',
    'clock.setTimeout(() => {}, 1)',
    'export interface Clock { setTimeout(run: () => void, ms: number): void; Date: number }',
    'export const at = (value: Date): Date => value',
    'export function process(document: string): string { return document }',
    'queueMicrotask(() => Math.max(1, 2))',
    'const { setTimeout } = clock\nsetTimeout()',
  ])('leaves alone: %s', (text) => {
    expect(bannedGlobals('core/src/channel/channel.ts', text)).toEqual([])
  })

  it('lets ports, transports and the IndexedDB store touch what they wrap', () => {
    expect(bannedGlobals('core/src/ports/clock.ts', 'Date.now()')).toEqual([])
    expect(bannedGlobals('core/src/stores/memory.ts', 'Date.now()')).toHaveLength(1)
    expect(bannedGlobals('server-kit/src/hub.ts', 'Date.now()')).toHaveLength(1)
  })
})
