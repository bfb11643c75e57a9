import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { idsIn, rowsOf } from './rows.mjs'
import { pages } from './snippets.mjs'

const read = (path: string): string => readFileSync(path, 'utf8')
/** A page without its code, in fences and in lines. */
const proseOf = (page: string): string => read(page).replace(/^```.*?^```$/gms, '')

describe('links', () => {
  it.each(pages())('%s leads to pages and headings that there are', (page) => {
    const broken = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^https:/.test(target) && !leadsSomewhere(page, target))
    expect(broken).toEqual([])
  })

  it('finds those that lead nowhere', () => {
    expect(leadsSomewhere('docs/README.md', 'concepts/channels.md#where-it-begins')).toBe(true)
    expect(leadsSomewhere('docs/README.md', 'concepts/channels.md#nowhere')).toBe(false)
    expect(leadsSomewhere('docs/README.md', 'concepts/none.md')).toBe(false)
  })
})

function leadsSomewhere(page: string, target: string): boolean {
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? page : posix.normalize(join(dirname(page), path))
  return existsSync(file) && (anchor === undefined || anchorsOf(file).includes(anchor))
}

/** As GitHub makes them. */
function anchorsOf(page: string): string[] {
  return [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

describe('the guarantee', () => {
  const tests = globSync('{packages,e2e,docs/snippets}/**/*.{ts,tsx}', {
    exclude: ['**/node_modules/**', '**/dist/**'],
  })
    .filter((file) => /\.(test|spec)\.tsx?$|conformance\/src\//.test(file))
    .map(read)
  const TITLE = /\b(?:it|test)(?:\.each\([^)]*\))?\(\s*(['"`])((?:\\.|(?!\1).)*)\1/g
  const titles = tests.flatMap((text) => [...text.matchAll(TITLE)].map(([, , title = '']) => title))
  const tested = new Set([
    ...titles.flatMap(idsIn),
    // The suite of logs makes its titles from rows.
    ...tests.flatMap((text) => [...text.matchAll(/\brow: '([A-Z]\d+)'/g)].map(([, id = '']) => id)),
  ])
  const rows = new Set(rowsOf(read('docs/acceptance.md')).map(({ id }) => id))
  const proofs = [
    ...read('docs/guarantee.md').matchAll(/^\| (?!what happens|---)(.*?) \| .* \| ([^|]+) \|$/gm),
  ].map(([, what = '', proof = '']) => ({ what, proof }))

  it('has a proof for every line', () => {
    expect(proofs.length).toBeGreaterThan(25)
    const unproved = proofs.filter(({ proof }) => !/^`[^`]+`$|^[A-Z]\d+(, [A-Z]\d+)*$/.test(proof))
    expect(unproved).toEqual([])
  })

  it.each(proofs)('"$what" is proved by tests that there are: $proof', ({ proof }) => {
    const [, title] = /^`(.*)`$/.exec(proof) ?? []
    if (title) expect(titles).toContain(title)
    else {
      const ids = proof.split(', ')
      expect(ids.filter((id) => !rows.has(id))).toEqual([])
      expect(ids.filter((id) => !tested.has(id))).toEqual([])
    }
  })
})

/** What the source says, in the unit of the source: the product of what the pattern finds. */
function figure(file: string, pattern: RegExp): number {
  const [, found] = pattern.exec(read(file)) ?? []
  if (!found) throw new Error(`${file} has nothing like ${pattern}`)
  return found.split('*').reduce((product, factor) => product * Number(factor.replaceAll('_', '').trim()), 1)
}

const CORE = 'packages/core/src'
const KIT = 'packages/server-kit/src'
const constant = (file: string, name: string): number =>
  figure(file, new RegExp(`const ${name} = ([\\d_ *.]+)`))
const option = (name: string): number =>
  figure(`${CORE}/options.ts`, new RegExp(`'${name}', [\\w.]+, ([\\d_ *]+)\\)`))
const hubOption = (name: string): number =>
  figure(`${KIT}/options.ts`, new RegExp(`options\\.${name} \\?\\? ([\\d_ *]+)\\)`))
const limit = (name: string): number =>
  figure(`${KIT}/limits.ts`, new RegExp(`^ {2}${name}: ([\\d_]+),`, 'm'))
const retention = (name: string): number =>
  figure(`${KIT}/log/log.ts`, new RegExp(`DEFAULT_RETENTION.*${name}: ([\\d_ *]+)`))
/** The least version of a peer that a package takes. */
const peer = (name: string, of: string): string =>
  /[\d.]+/.exec(JSON.parse(read(`packages/${name}/package.json`)).peerDependencies[of])?.[0] ?? ''

const plain = (value: number): string => value.toLocaleString('en-US')
const s = (ms: number): string => `${ms / 1_000} s`
const h = (ms: number): string => `${ms / 3_600_000} h`
const backoff = `${CORE}/connection/backoff.ts`
const liveness = `${CORE}/connection/liveness.ts`
const frames = `${CORE}/protocol/client-frames.ts`
const actor = `${CORE}/connection/actor.ts`

const nameLength = constant(frames, 'MAX_CHANNEL_LENGTH')
const identityLength = figure(`${KIT}/authentication.ts`, /id\.length > (\d+)/)
const tokenWait = s(figure(actor, /tokenTimeoutMs \?\? ([\d_]+)/))
const heartbeat = s(hubOption('heartbeatMs'))
const ids = hubOption('idempotencyMs') / 60_000
const [cached, ...otherStores] = ['memory', 'indexeddb'].map((store) =>
  plain(figure(`${CORE}/stores/${store}.ts`, /maxMessages = ([\d_]+)/)),
)
const listed = figure(`${CORE}/list/message-list.ts`, /limit = (\d+)/)
const page = figure(`${KIT}/history.ts`, /limit = (\d+)/)
const spread = s(constant(backoff, 'FIRST_RECONNECT_MS'))
const listLimit = `| \`limit\` | ${listed} |`
const waitMs = figure(`${CORE}/tanstack-query/bind-query-client.ts`, /waitMs = (\d+)/)

const LIMITS = [...read(`${KIT}/limits.ts`).matchAll(/^ {2}(\w+): [\d_]+,$/gm)].map(([, name = '']) => name)
/** A line of a table that begins with a name and ends with its value. */
const row = (name: string, value: string): RegExp => new RegExp(`^\\| \`${name}\`[^|]*\\| ${value} \\|$`, 'm')

/** What each page says in figures, made of what the source says. */
const FIGURES: Readonly<Record<string, readonly (string | RegExp)[]>> = {
  'docs/guarantee.md': [
    `every ${figure(`${KIT}/follower.ts`, /PROBE_MS = ([\d_]+)/) / 1_000} to ${
      (constant(`${KIT}/follower.ts`, 'PROBE_MS') + constant(`${KIT}/follower.ts`, 'PROBE_JITTER_MS')) / 1_000
    } s`,
    `after more than ${ids} minutes`,
  ],
  'docs/concepts/channels.md': [
    `1 to ${nameLength} characters`,
    `longer than ${nameLength} characters`,
    `stays subscribed for ${s(option('lingerMs'))}`,
    `than the hub allows (${plain(limit('channelsPerClient'))})`,
  ],
  'docs/concepts/connection.md': [
    `without input for ${s(option('away.afterMs'))}`,
    `follows within ${spread}, at random`,
    `from ${constant(backoff, 'SHORTEST_BACKOFF_MS') / 1_000} up to ${s(constant(backoff, 'LONGEST_BACKOFF_MS'))}`,
    `given up after ${s(figure(actor, /connectTimeoutMs \?\? ([\d_]+)/))}`,
    `at least every ${heartbeat}`,
    `for ${constant(liveness, 'SHORTEST_PROBE_MS') / 1_000} to ${s(constant(liveness, 'LONGEST_PROBE_MS'))}`,
    `to within ${figure('docs/acceptance.md', /Half-open TCP → found ≤ (\d+) s/)} s at worst`,
    `gave nothing for ${tokenWait}`,
  ],
  'docs/concepts/identity.md': [
    `1 to ${identityLength} characters`,
    `within ${s(hubOption('authTimeoutMs'))} is closed`,
    `at ${constant(`${CORE}/connection/tokens.ts`, 'RENEWAL') * 100} % of the token's life`,
    `longer than ${tokenWait}`,
  ],
  'docs/concepts/messages.md': [
    'milliseconds since 1970',
    `the last ${cached} messages`,
    `for ${s(constant(`${CORE}/client.ts`, 'LOAD_WAIT_MS'))} at most`,
    `1 to ${plain(constant(`${CORE}/channel/cursor.ts`, 'MAX_PAGE'))}; ${page} where left out`,
    `at most ${listed} messages`,
  ],
  'docs/concepts/publishing.md': [
    `| ${plain(option('outbox.maxItems'))} | Publishes that may wait`,
    `| ${h(option('outbox.ttlMs'))} | How long one may wait`,
    `without an answer within ${s(option('ackTimeoutMs'))}`,
    `remembers ids for ${ids} minutes`,
  ],
  'docs/concepts/server.md': [
    `Node ${/\d+/.exec(JSON.parse(read('packages/server-kit/package.json')).engines.node)?.[0]} or newer`,
    `${plain(retention('maxEntries'))} messages`,
    `or ${h(retention('maxAgeMs'))} (`,
    `averaged over ${constant(`${KIT}/limits.ts`, 'RATE_WINDOW_SECONDS')} s`,
    ...LIMITS.map((name) => row(name, plain(limit(name)))),
    row('heartbeatMs', heartbeat),
    row('idempotencyMs', `${ids} min`),
    row('authTimeoutMs', s(hubOption('authTimeoutMs'))),
    row('stallTimeoutMs', s(hubOption('stallTimeoutMs'))),
    `at most, ${s(constant(`${KIT}/hub.ts`, 'DRAIN_MS'))} where left out`,
    `up to ${s(constant(`${KIT}/hub.ts`, 'RETURN_SPREAD_MS'))} at random`,
  ],
  'docs/concepts/stores.md': [`keep ${cached} messages a channel`],
  'docs/frameworks/react.md': [`React ${peer('react', 'react')} or newer`, listLimit],
  'docs/frameworks/vue.md': [`Vue ${peer('vue', 'vue')} or newer`, listLimit],
  'docs/frameworks/svelte.md': [`Svelte ${peer('svelte', 'svelte').replace(/\.0$/, '')} or newer`, listLimit],
  'docs/frameworks/tanstack-query.md': [
    `For version ${peer('core', '@tanstack/query-core').split('.')[0]}`,
    `within ${waitMs} ms of the first`,
    `in every ${waitMs} ms`,
  ],
}

describe('figures', () => {
  /** Without line breaks in sentences, row ids and the targets of links. */
  const sentencesOf = (path: string): string =>
    proseOf(path)
      .replace(/\]\([^)]*\)/g, ']')
      .replace(/(?<!\|)\n(?=[^\n|#-])/g, ' ')
      .replace(/ +/g, ' ')

  it.each(pages().filter((path) => path !== 'README.md'))('%s says what the source says', (path) => {
    let rest = sentencesOf(path)
    for (const phrase of FIGURES[path] ?? []) {
      const isThere = typeof phrase === 'string' ? rest.includes(phrase) : phrase.test(rest)
      expect(isThere, `the page says ${phrase}`).toBe(true)
      rest = rest.replace(phrase, '')
    }
    // Code is an example, and a row of acceptance.md no figure.
    const others = rest
      .replace(/`[^`\n]*`/g, '')
      .replace(/\b[A-Z]\d+\b/g, '')
      .split('\n')
      .filter((line) => /\d/.test(line))
    expect(others).toEqual([])
  })

  it('of the two stores are the same', () => {
    expect(otherStores).toEqual([cached])
  })

  it('are those of pages that there are', () => {
    expect(Object.keys(FIGURES).filter((path) => !pages().includes(path))).toEqual([])
  })
})
