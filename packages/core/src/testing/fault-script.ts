/** Faults by the clock: what happens to a fake transport, and when. */
import type { Timer } from '../ports/clock.ts'
import type { FakeTransport } from './fake-transport.ts'
import type { VirtualClock } from './virtual-clock.ts'

export type Fault =
  /** The connection is gone, for both sides. */
  | { readonly type: 'cut' }
  /** The connection swallows everything, and nobody is told. */
  | { readonly type: 'silence' }
  /** The server closes. */
  | { readonly type: 'close'; readonly code: number; readonly reason?: string }
  /** New connections fail for a while. */
  | { readonly type: 'refuse'; readonly forMs: number }
  /** Everything takes this long, each way, from now on. */
  | { readonly type: 'delay'; readonly latencyMs: number }
  /** Text that is no frame arrives. */
  | { readonly type: 'malformed' }
  /** The machine sleeps: the time passes, and no timer runs meanwhile. */
  | { readonly type: 'sleep'; readonly forMs: number }

export interface ScriptedFault {
  /** Milliseconds after the script's start. */
  readonly at: number
  readonly fault: Fault
}

export interface FaultScript {
  /** How often each kind of fault met something that it could break. A run in which one never did proves nothing. */
  readonly hits: Readonly<Record<Fault['type'], number>>
  /** Ends the script; refusals end with it. */
  stop(): void
}

/** Plays `script` on a transport; the faults come as the clock is advanced. */
export function playFaults(
  clock: VirtualClock,
  transport: FakeTransport,
  script: readonly ScriptedFault[],
): FaultScript {
  const hits = { cut: 0, silence: 0, close: 0, refuse: 0, delay: 0, malformed: 0, sleep: 0 }
  const meet = transport.onLink
  let refusals = 0
  transport.onLink = (link) => {
    if (refusals === 0) return meet(link)
    hits.refuse++
    link.close(1006)
  }

  function strike(fault: Fault): void {
    const { link } = transport
    switch (fault.type) {
      case 'delay':
        transport.latencyMs = fault.latencyMs
        break
      case 'refuse':
        refusals++
        timers.push(clock.after(fault.forMs, () => refusals--))
        return
      case 'sleep':
        clock.setWall(clock.now() + fault.forMs)
        break
      case 'cut':
        link?.cut()
        break
      case 'silence':
        link?.goSilent()
        break
      case 'close':
        link?.close(fault.code, fault.reason)
        break
      case 'malformed':
        link?.send('{')
        break
    }
    if (link || fault.type === 'delay') hits[fault.type]++
  }

  const timers: Timer[] = script.map(({ at, fault }) => clock.after(at, () => strike(fault)))
  return {
    hits,
    stop() {
      for (const timer of timers) timer.clear()
      refusals = 0
      transport.onLink = meet
    },
  }
}
