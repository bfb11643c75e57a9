/** What the surroundings tell of the user and the machine: visibility, idleness, network, sleep. */

/**
 * `visible` / `hidden`: the page was shown or hidden. `active`: the user did something. `online` / `offline`: the
 * network came or went. `resumed`: the page was frozen, or came back from the page cache. `frozen`: it is about to
 * stop running. `focused`: the window got the focus.
 */
export type ActivitySignal =
  | 'visible'
  | 'hidden'
  | 'active'
  | 'online'
  | 'offline'
  | 'resumed'
  | 'frozen'
  | 'focused'

export interface Activity {
  /** Whether the user could see the page now. Always true outside of a browser. */
  readonly isVisible: boolean
  /** Whether there may be a network. Only `false` is trustworthy. */
  readonly isOnline: boolean
  /** Whether there is a user whose idleness means anything; false on a server or in a worker. */
  readonly hasUser: boolean
  /** Calls `listener` on every signal until the returned function is called. */
  subscribe(listener: (signal: ActivitySignal) => void): () => void
}

/** Outside of a browser: always visible, always online, never idle. */
export const constantActivity: Activity = {
  isVisible: true,
  isOnline: true,
  hasUser: false,
  subscribe: () => () => undefined,
}
