/** The process of a target: `node server.ts <target>`. */
import { setTimeout as sleep } from 'node:timers/promises'
import { answerCalls, fileLimit, readUsage } from './process.ts'
import type { StartTarget, TargetName } from './targets/target.ts'

const PROGRAMS: Readonly<Record<TargetName, () => Promise<{ readonly start: StartTarget }>>> = {
  limit: () => import('./targets/limit.ts'),
  'limit-corked': () => import('./targets/limit.ts'),
  'limit-single': () => import('./targets/limit.ts'),
  holdfast: () => import('./targets/holdfast.ts'),
  naive: () => import('./targets/naive.ts'),
  socketio: () => import('./targets/socketio.ts'),
}

const name = process.argv[2] as TargetName
const starting = PROGRAMS[name]().then(({ start }) => start(name))
// The failure is answered to whoever asks for the port.
starting.catch(() => {})

answerCalls({
  port: () => starting,
  fileLimit,
  usage: readUsage,
  /** After collecting garbage, so that what is left is held. */
  async settledUsage() {
    for (let pass = 0; pass < 3; pass++) {
      globalThis.gc?.()
      await sleep(200)
    }
    return readUsage()
  },
})
