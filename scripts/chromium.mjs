// Node 18 syntax and built-ins only: the bootstrap runs this before anything is installed.
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

/** The system's Chromium, or undefined. HOLDFAST_CHROMIUM names another one. */
export function findChromium() {
  const named = process.env.HOLDFAST_CHROMIUM
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin'].filter(Boolean)
  const candidates = named ? [named] : NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))
  return candidates.find(isExecutable)
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Options for Playwright's `launch`. Root has no sandbox; the rest keeps the browser off the network. */
export function chromiumLaunchOptions() {
  return {
    executablePath: findChromium() ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  }
}
