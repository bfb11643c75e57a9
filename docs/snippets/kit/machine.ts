/** The machine that a snippet's server runs on: a folder of its own, and whatever port is free. */
import { mkdtempSync, rmSync } from 'node:fs'
import { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import { atEnd } from './stage.ts'

/** The platform's own, which reaches servers that listen. */
export const RealWebSocket: typeof WebSocket = globalThis.WebSocket

/** Until the test is over, files are made in a new folder. */
export function inOwnFolder(): void {
  const before = process.cwd()
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-docs-'))
  process.chdir(folder)
  atEnd(() => {
    process.chdir(before)
    rmSync(folder, { recursive: true, force: true })
  })
}

/** Until the test is over, servers listen on a free port of this machine, whatever port they ask for. */
export function onFreePorts(): void {
  const listen = Server.prototype.listen
  vi.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server, ...parameters: unknown[]) {
    const listening = parameters.find((each) => typeof each === 'function') as (() => void) | undefined
    return listen.call(this, { port: 0, host: '127.0.0.1' }, listening)
  } as Server['listen'])
}

/** `http://127.0.0.1:PORT`, when the server listens. */
export async function addressOf(server: Server): Promise<string> {
  if (!server.listening) await new Promise((resolve) => server.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
