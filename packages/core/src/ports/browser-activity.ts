import { type Activity, type ActivitySignal, constantActivity } from './activity.ts'

/** Input events that show that somebody is there. */
const INPUT_EVENTS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const

/** Activity of the page this runs in; constant where there is no page. */
export function browserActivity(): Activity {
  if (typeof window === 'undefined' || typeof document === 'undefined') return constantActivity
  return {
    get isVisible() {
      return document.visibilityState === 'visible'
    },
    get isOnline() {
      return navigator.onLine !== false
    },
    hasUser: true,
    subscribe(listener) {
      const ending = new AbortController()
      const on = (target: EventTarget, type: string, signal: () => ActivitySignal): void =>
        target.addEventListener(type, () => listener(signal()), {
          signal: ending.signal,
          passive: true,
          capture: true,
        })
      on(document, 'visibilitychange', () => (document.visibilityState === 'visible' ? 'visible' : 'hidden'))
      on(document, 'resume', () => 'resumed')
      on(document, 'freeze', () => 'frozen')
      on(window, 'pageshow', () => 'resumed')
      on(window, 'pagehide', () => 'frozen')
      on(window, 'online', () => 'online')
      on(window, 'offline', () => 'offline')
      on(window, 'focus', () => 'focused')
      for (const type of INPUT_EVENTS) on(window, type, () => 'active')
      return () => ending.abort()
    },
  }
}
