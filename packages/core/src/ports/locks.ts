/** Exclusive locks between the clients of one origin (Web Locks). */

export interface Locks {
  /**
   * Takes the lock `name` if nobody holds it. Answers a function that releases it, or `null` where it is held.
   * A lock ends with its holder's page or process.
   */
  tryAcquire(name: string): Promise<(() => void) | null>
}

/** Locks of the origin where the platform has them; elsewhere, locks of this process. */
export function platformLocks(): Locks {
  const manager = typeof navigator === 'undefined' ? undefined : navigator.locks
  return manager ? webLocks(manager) : processLocks()
}

function webLocks(manager: LockManager): Locks {
  return {
    tryAcquire: (name) =>
      new Promise((resolve) => {
        manager
          .request(name, { ifAvailable: true }, (lock) => {
            if (!lock) {
              resolve(null)
              return undefined
            }
            return new Promise<void>((release) => resolve(() => release()))
          })
          // Documents without an origin, such as a sandboxed frame, have no locks, and no store to share either.
          .catch(() => resolve(null))
      }),
  }
}

/** Locks among the clients that share this object: one process, or a test's simulated origin. */
export function processLocks(): Locks {
  const held = new Set<string>()
  return {
    async tryAcquire(name) {
      if (held.has(name)) return null
      held.add(name)
      return () => held.delete(name)
    },
  }
}
