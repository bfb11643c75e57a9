/** The shipped client on the shipped hub in one process: a transport over `hub.connect`, with a network of its own. */
import type { Socket, Transport } from '@holdfast/core'
import type { Clock, Random } from '@holdfast/core/ports'
import { decodeServerFrame, encodeFrame } from '@holdfast/core/protocol'
import type { EncodedFrame } from '../encoded-frame.ts'
import type { Hub } from '../hub.ts'
import type { Link } from '../link.ts'
import { NO_REQUEST } from './fake-link.ts'

export interface InProcess {
  readonly transport: Transport
  /** Cuts every socket, as a lost network does. */
  cut(): void
}

/**
 * @param hub looked up for every socket, so that a test can replace it
 * @param latencyMs the longest that a frame is under way; each takes its own time, in order
 */
export function inProcess(hub: () => Hub, clock: Clock, random: Random, latencyMs: number): InProcess {
  const cuts = new Set<() => void>()

  /** Runs steps in the order of the calls, each after a time of its own. */
  function line(): (step: () => void) => void {
    let free = clock.now()
    return (step) => {
      free = Math.max(free, clock.now() + Math.floor(random.fraction() * latencyMs))
      clock.after(free - clock.now(), step)
    }
  }

  const transport: Transport = {
    name: 'in-process',
    peers: 1,
    open(_attempt, events): Socket {
      const [up, down] = [line(), line()]
      let isOpen = true
      const end = (code: number, reason: string): void => {
        if (!isOpen) return
        isOpen = false
        cuts.delete(cut)
        events.closed({ code, reason })
      }
      const link: Link = {
        isClear: false,
        hasSeveralChannels: false,
        bufferedBytes: 0,
        send({ text }: EncodedFrame) {
          down(() => {
            const decoded = decodeServerFrame(text)
            if (!isOpen) return
            if (decoded.ok) events.frame(decoded.frame)
            else events.malformed(decoded.fault)
          })
          return true
        },
        onDrain: () => undefined,
        close: (code, reason) => down(() => end(code, reason)),
      }
      const session = hub().connect(link, NO_REQUEST)
      const cut = (): void => {
        session.closed()
        end(1006, '')
      }
      cuts.add(cut)
      down(() => {
        if (isOpen) events.opened()
      })
      return {
        send: (frame) => up(() => isOpen && session.receive(encodeFrame(frame))),
        close() {
          isOpen = false
          cuts.delete(cut)
          session.closed()
        },
      }
    },
  }
  return {
    transport,
    cut: () => {
      for (const cut of [...cuts]) cut()
    },
  }
}
