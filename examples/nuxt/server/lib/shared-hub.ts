/**
 * The hub of this process. Nuxt's server code is bundled, and would have a module's hub to itself: `server.ts` leaves it
 * where both find it.
 */
import type { RoomHub } from './hub.ts'

const KEY = Symbol.for('holdfast.example.hub')
const shared = globalThis as { [KEY]?: RoomHub }

export function shareHub(hub: RoomHub): void {
  shared[KEY] = hub
}

export function sharedHub(): RoomHub {
  const hub = shared[KEY]
  if (!hub) throw new Error('There is no hub in this process: start it with `npm start`.')
  return hub
}
