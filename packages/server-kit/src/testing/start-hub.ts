/** Hubs for tests, with what they log kept, and ended after each test. */
import { createHub, type Hub } from '../hub.ts'
import { memoryLog } from '../log/memory.ts'
import { jsonLogger } from '../logger.ts'
import type { HubOptions } from '../options.ts'
import { FakeClient } from './fake-client.ts'

const hubs: Hub[] = []
/** What the hubs logged since the last `startHub`. */
export const lines: string[] = []

export function startHub(options: Partial<HubOptions> = {}): Hub {
  lines.length = 0
  const logger = jsonLogger((line) => lines.push(line))
  const hub = createHub({ log: memoryLog(), open: true, logger, ...options })
  hubs.push(hub)
  return hub
}

export async function endHubs(): Promise<void> {
  for (const hub of hubs.splice(0)) await hub.close({ drainMs: 1 })
}

/** A client that has been welcomed. */
export async function join(hub: Hub, token?: string): Promise<FakeClient> {
  const client = new FakeClient(hub)
  await client.auth(token)
  return client
}

export const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at)
