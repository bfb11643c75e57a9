/** The server: one hub at a time on one log. A hub that crashes is thrown away, and another one begins. */
import type { Clock } from '@holdfast/core/ports'
import { parseOffset } from '@holdfast/core/protocol'
import { createHub, type Hub, type HubError, type HubMutant, type Logger } from '@holdfast/server-kit'
import type { MemoryLog } from '../../../packages/server-kit/src/log/memory.ts'
import type { Chance } from './chance.ts'
import { Life } from './life.ts'
import { type LogFaults, logPort } from './log-port.ts'
import type { Network } from './network.ts'
import type { Settings } from './plan.ts'
import { APP, type Recorder } from './recorder.ts'

const RETRY_MS = 700

export interface ServerContext {
  readonly clock: Clock
  readonly chance: Chance
  readonly log: MemoryLog
  readonly network: Network
  readonly recorder: Recorder
  readonly settings: Settings
  readonly mutants: ReadonlySet<HubMutant>
}

export class Server {
  readonly faults: LogFaults = { dropsBell: () => false, isOut: false, refused: 0 }
  /** What the hubs reported as failed, by what they were doing. */
  readonly failures: string[] = []
  readonly #context: ServerContext
  #hub: Hub | null = null
  #life: Life
  /** Server-side publishes that no hub has acknowledged yet. */
  readonly #unsettled = new Map<string, { channel: string; body: string }>()

  constructor(context: ServerContext) {
    this.#context = context
    this.#life = new Life(context.clock)
    this.start()
  }

  get isUp(): boolean {
    return this.#hub !== null
  }

  start(): void {
    const { clock, chance, log, network, recorder, settings, mutants } = this.#context
    const life = new Life(clock)
    this.#life = life
    const { retention, bufferedBytes, heartbeatMs, idempotencyMs, tickMs, isLogRemote, tokenMs } = settings
    const hub = createHub({
      log: logPort(log, life, clock, chance, recorder, this.faults, isLogRemote),
      authenticate: ({ token }) =>
        token === undefined
          ? undefined
          : { id: token, ...(tokenMs === null ? {} : { expiresAt: clock.now() + tokenMs }) },
      channels: { '{name}': { authorize: () => true, retention } },
      app: APP,
      limits: { bufferedBytes },
      heartbeatMs,
      idempotencyMs,
      logger: this.#logger(),
      clock: life,
      random: chance.random,
      ticker: (flush) => void life.after(chance.between(0, tickMs), flush),
      mutants,
    })
    this.#hub = hub
    network.host = { life, connect: (link, request) => hub.connect(link, request) }
    for (const id of this.#unsettled.keys()) this.#publish(id)
  }

  /** Ends the hub at once. `isTold`: its machine is still there to end the connections. */
  crash(isTold: boolean): void {
    this.#life.end()
    this.#hub = null
    const { network } = this.#context
    network.host = null
    for (const connection of [...network.hosted]) connection.hostGone(isTold)
  }

  /** Ends the hub as a deployment does. Resolves when it is gone. */
  async drain(): Promise<void> {
    const hub = this.#hub
    this.#hub = null
    await hub?.close({ drainMs: 500 })
    this.#life.end()
    this.#context.network.host = null
  }

  /** Publishes as the server, and again under the same id until a hub has acknowledged it. */
  publish(channel: string, id: string, body: string): void {
    this.#context.recorder.note({ kind: 'publish', channel, id, sender: null, body })
    this.#unsettled.set(id, { channel, body })
    this.#publish(id)
  }

  /** Ids of publishes that are still tried. */
  get unsettled(): readonly string[] {
    return [...this.#unsettled.keys()]
  }

  #publish(id: string): void {
    const publish = this.#unsettled.get(id)
    const hub = this.#hub
    if (!publish || !hub) return
    const { channel, body } = publish
    const { recorder, clock } = this.#context
    const life = this.#life
    const settle = (outcome: 'acked' | 'rejected', more: object): void => {
      if (this.#unsettled.delete(id))
        recorder.note({ kind: 'settled', channel, id, sender: null, outcome, ...more })
    }
    hub.publish(channel, 'message', body, { id }).then(
      ({ offset }) => {
        const position = offset === null ? null : parseOffset(offset)
        settle('acked', position ? { term: position.term, seq: position.seq } : {})
      },
      (error: unknown) => {
        const { code, retryWhen } = error as HubError
        if (retryWhen === 'never') settle('rejected', { code })
        else clock.after(RETRY_MS, () => life === this.#life && this.#publish(id))
      },
    )
  }

  #logger(): Logger {
    const note = (fields: Readonly<Record<string, unknown>>, message: string): void => {
      const { error } = fields
      this.failures.push(`${message}: ${error instanceof Error ? error.stack : JSON.stringify(fields)}`)
    }
    return { debug: () => undefined, info: () => undefined, warn: note, error: note }
  }
}
