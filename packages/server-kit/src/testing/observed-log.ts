/** A log whose doorbells can be lost and whose calls are counted. */
import type { Doorbell, Log } from '../log/log.ts'

export interface ObservedLog {
  readonly log: Log
  readonly calls: { read: number; append: number; head: number }
  /** Which doorbells arrive. */
  hears: (bell: Doorbell) => boolean
  /** Runs before each read and head: a place for what happens meanwhile. */
  meanwhile: () => Promise<void> | undefined
  /** Runs after each read, before its result is handed over. */
  afterRead: () => Promise<void> | undefined
}

export function observeLog(inner: Log): ObservedLog {
  const observed: { -readonly [K in keyof ObservedLog]: ObservedLog[K] } = {
    log: inner,
    calls: { read: 0, append: 0, head: 0 },
    hears: () => true,
    meanwhile: () => undefined,
    afterRead: () => undefined,
  }
  observed.log = new Proxy(inner, {
    get(target, name) {
      if (name === 'subscribe') {
        return (listener: (bell: Doorbell) => void) =>
          target.subscribe((bell) => observed.hears(bell) && listener(bell))
      }
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return (...parameters: unknown[]) => {
        const call = async (): Promise<unknown> => {
          const result: unknown = await Reflect.apply(value, target, parameters)
          if (name === 'read') await observed.afterRead()
          return result
        }
        if (name === 'append') observed.calls.append++
        if (name !== 'read' && name !== 'head') return Reflect.apply(value, target, parameters) as unknown
        observed.calls[name]++
        const before = observed.meanwhile()
        return before ? before.then(call) : call()
      }
    },
  })
  return observed
}
