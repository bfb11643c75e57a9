// `npm start` and `npm test` on a fresh machine: installs what is missing, then hands over to the inner command on
// the repository's own Node. Runs on whatever Node the machine has, so: Node 18 syntax and built-ins only.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findChromium } from './chromium.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'node_modules', '.bin')
/** @type {NodeJS.Signals[]} */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** @type {Record<string, Array<[string, ...string[]]>>} */
const commands = {
  start: [
    ['npm', 'run', '--silent', 'build:demo'],
    ['npm', 'start', '--silent', '--workspace', 'examples/chat', '--'],
  ],
  test: [['node', 'scripts/test.mjs']],
}

const [name = '', ...rest] = process.argv.slice(2)
const inner = commands[name] ?? fail('Usage: node scripts/bootstrap.mjs start|test')

if (!isInstalled()) {
  console.log('Installing dependencies (npm ci), about a minute the first time.')
  runNow('npm', ['ci', '--include=dev', '--loglevel=error'], 'npm ci failed; its own message is above.')
}
if (name === 'test' && !findChromium()) installChromium()

for (const [index, [program, ...args]] of inner.entries()) {
  const code = await run(program, index === inner.length - 1 ? [...args, ...rest] : args)
  if (code !== 0) process.exit(code)
}

/** Whether what is in node_modules is what the lockfile says. npm keeps its own record there. */
function isInstalled() {
  const wanted = packagesIn(join(root, 'package-lock.json'))
  const present = packagesIn(join(root, 'node_modules', '.package-lock.json'))
  if (!wanted || !present) return false
  // Packages of another platform are in the lockfile only.
  const isMissing = Object.keys(wanted).some((path) => {
    if (path === '') return false
    const there = present[path]
    return there
      ? there.version !== wanted[path].version || there.integrity !== wanted[path].integrity
      : !wanted[path].optional
  })
  return !isMissing && Object.keys(present).every((path) => path in wanted)
}

/** @param {string} file */
function packagesIn(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : undefined
}

function installChromium() {
  const advice =
    'The tests need a browser: install Chromium so that `chromium` is on PATH, or set HOLDFAST_CHROMIUM.'
  const canInstall = existsSync('/etc/debian_version') && process.getuid?.() === 0
  if (!canInstall) fail(advice)
  console.log('Installing chromium (apt-get).')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  runNow('apt-get', ['update', '-qq'], advice, env)
  runNow('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], advice, env)
  if (!findChromium()) fail(advice)
}

/**
 * npm by the file that runs this script when there is one: the `npm` on PATH may belong to another Node.
 * @param {string} program
 * @param {string[]} args
 * @returns {[string, string[]]}
 */
function resolved(program, args) {
  const npm = process.env.npm_execpath
  return program === 'npm' && npm && /\.[cm]?js$/.test(npm)
    ? [process.execPath, [npm, ...args]]
    : [program, args]
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {string} complaint
 * @param {NodeJS.ProcessEnv} [env]
 */
function runNow(program, args, complaint, env = process.env) {
  const { status } = spawnSync(...resolved(program, args), { cwd: root, stdio: 'inherit', env })
  if (status !== 0) fail(complaint)
}

/**
 * `node_modules/.bin` comes first on PATH, so that `node` is the repository's own. Signals go to the child's whole
 * process group, since npm and its shell would die of one without passing it on; so would the ones above this
 * process, hence the look at the parent.
 * @param {string} program
 * @param {string[]} args
 * @returns {Promise<number>}
 */
function run(program, args) {
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` }
  const child = spawn(program, args, { cwd: root, env, stdio: 'inherit', detached: true })
  const pass = (/** @type {NodeJS.Signals} */ signal) => void (child.pid && process.kill(-child.pid, signal))
  for (const signal of SIGNALS) process.on(signal, pass)
  const parent = process.ppid
  const watch = setInterval(() => process.ppid !== parent && pass('SIGTERM'), 500)
  return new Promise((resolve) => {
    child.once('error', (error) => fail(`${program} could not be started: ${error.message}`))
    child.once('exit', (code, signal) => {
      clearInterval(watch)
      for (const name of SIGNALS) process.off(name, pass)
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 1))
    })
  })
}

/**
 * @param {string} sentence
 * @returns {never}
 */
function fail(sentence) {
  console.error(sentence)
  process.exit(1)
}
