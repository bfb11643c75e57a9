/** Runs the hub in a process of its own, which it can kill without warning and start again. */
import { type ChildProcess, fork } from 'node:child_process'

/** What the hub's process says. */
export type HubReport =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'failed'; readonly reason: string }
  /** Somebody asked for a crash: kill this process as a power cut would, and start another. */
  | { readonly type: 'restart' }

export interface SupervisorOptions {
  readonly file: string
  readonly env: Readonly<Record<string, string>>
  /** Called once, when the first process accepts connections. */
  readonly onListening: (port: number) => void
  /** Called where the first process could not start. */
  readonly onFailed: (reason: string) => void
}

export interface Supervisor {
  /** Ends the hub in good order. */
  stop(): void
}

/** How long to wait after a hub that ended by itself, in milliseconds. */
const PAUSE_MS = 500

export function supervise({ file, env, onListening, onFailed }: SupervisorOptions): Supervisor {
  let port: number | null = null
  let isStopping = false
  let isRestart = false
  let child = start()

  function start(): ChildProcess {
    const started = fork(file, {
      env: { ...process.env, ...env, ...(port === null ? {} : { PORT: String(port) }) },
    })
    started.on('message', (report: HubReport) => {
      if (report.type === 'listening' && port === null) {
        port = report.port
        onListening(port)
      } else if (report.type === 'failed' && port === null) onFailed(report.reason)
      else if (report.type === 'restart') {
        isRestart = true
        started.kill('SIGKILL')
      }
    })
    started.once('exit', () => {
      if (isStopping) return
      if (port === null) return onFailed('The hub ended before it listened.')
      const pause = isRestart ? 0 : PAUSE_MS
      isRestart = false
      setTimeout(() => {
        if (!isStopping) child = start()
      }, pause)
    })
    return started
  }

  return {
    stop() {
      isStopping = true
      child.kill('SIGTERM')
    },
  }
}
