import type { Activity, ActivitySignal } from '../ports/activity.ts'

/** An Activity that a test moves. */
export interface FakeActivity extends Activity {
  /** Sends a signal; visibility and network change with the signals that tell of them. */
  emit(signal: ActivitySignal): void
  /** Listeners that have not unsubscribed. */
  readonly listeners: number
}

/** A visible page with a network, and a user unless told otherwise. */
export function createFakeActivity(options: { hasUser?: boolean } = {}): FakeActivity {
  const listeners = new Set<(signal: ActivitySignal) => void>()
  let isVisible = true
  let isOnline = true
  return {
    get isVisible() {
      return isVisible
    },
    get isOnline() {
      return isOnline
    },
    get listeners() {
      return listeners.size
    },
    hasUser: options.hasUser ?? true,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    emit(signal) {
      if (signal === 'visible' || signal === 'hidden') isVisible = signal === 'visible'
      if (signal === 'online' || signal === 'offline') isOnline = signal === 'online'
      for (const listener of [...listeners]) listener(signal)
    },
  }
}
