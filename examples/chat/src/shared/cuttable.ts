/** A transport whose socket can be cut under the client, as a bad network does. */
import type { Socket, Transport, TransportEvents } from '@holdfast/core'

export interface Cuttable extends Transport {
  /** Ends the socket of now without a goodbye. */
  cut(): void
}

export function cuttable(inner: Transport): Cuttable {
  let current: { readonly socket: Socket; readonly events: TransportEvents } | null = null
  return {
    name: inner.name,
    peers: inner.peers,
    open(attempt, events) {
      const socket = inner.open(attempt, events)
      current = { socket, events }
      return socket
    },
    cut() {
      const cutOff = current
      current = null
      cutOff?.socket.close()
      cutOff?.events.closed({ code: 1006, reason: 'cut by the demo' })
    },
  }
}
