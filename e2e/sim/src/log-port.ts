/** The log as one hub reaches it: calls take time, in order; answers and doorbells may be lost on the way. */

import type { Clock } from '@holdfast/core/ports'
import type { Doorbell, Log } from '@holdfast/server-kit'
import { HubError } from '@holdfast/server-kit'
import type { MemoryLog } from '../../../packages/server-kit/src/log/memory.ts'
import type { Chance } from './chance.ts'
import type { Life } from './life.ts'
import { APP, type Recorder } from './recorder.ts'

const LONGEST_MS = 3

/** Faults of the way to the log. */
export interface LogFaults {
  /** Doorbells for which this answers true are lost. */
  dropsBell: (bell: Doorbell) => boolean
  /** Calls are refused. */
  isOut: boolean
  /** Calls that were refused. */
  refused: number
}

/**
 * @param isRemote whether a call that is under way takes effect although its hub is gone: the log is another process
 */
export function logPort(
  log: MemoryLog,
  life: Life,
  clock: Clock,
  chance: Chance,
  recorder: Recorder,
  faults: LogFaults,
  isRemote: boolean,
): Log {
  const [there, back, bells] = [line(), line(), line()]
  const { id } = log

  function line(): (step: () => void) => void {
    let free = 0
    return (step) => {
      const now = clock.now()
      free = Math.max(free, now + chance.between(0, LONGEST_MS))
      clock.after(free - now, step)
    }
  }

  function call<T>(channel: string, apply: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const isOut = faults.isOut
      there(() => {
        // A call to a log that has begun anew since came too late.
        if ((life.isOver && !isRemote) || log.id !== id) return
        if (isOut) faults.refused++
        recorder.look(channel.slice(APP.length + 1))
        const result = isOut
          ? Promise.reject(new HubError('log_unavailable', { message: 'The log is out.' }))
          : apply()
        result.then(
          (value) => back(() => life.run(() => resolve(value))),
          (error) => back(() => life.run(() => reject(error))),
        )
      })
    })
  }

  return {
    profile: log.profile,
    id,
    secret: log.secret,
    open: () => Promise.resolve(),
    append: (channel, request) => call(channel, () => log.append(channel, request)),
    read: (channel, request) => call(channel, () => log.read(channel, request)),
    history: (channel, request) => call(channel, () => log.history(channel, request)),
    head: (channel) => call(channel, () => log.head(channel)),
    create: (channel, request) => call(channel, () => log.create(channel, request)),
    meta: (channel) => call(channel, () => log.meta(channel)),
    delete: (channel) => call(channel, () => log.delete(channel)),
    fork: (source, target) => call(source, () => log.fork(source, target)),
    sweep: () => log.sweep(),
    subscribe: (listener) =>
      log.subscribe((bell) => {
        if (life.isOver || faults.dropsBell(bell)) return
        bells(() => life.run(() => listener(bell)))
      }),
    close: () => Promise.resolve(),
  }
}
