import { type Activity, type ActivitySignal, constantActivity } from './activity.ts'

/** Input events that show that somebody is there. */
const INPUT_EVENTS = 'pointerdown pointermove keydown wheel touchstart'

/** Activity of the page this runs in; constant where there is no page. */
export function browserActivity(): Activity {
  if (typeof window === 'undefined' || typeof document === 'undefined') return constantActivity
  return {
    get isVisible() {
      return !document.hidden
    },
    get isOnline() {
      return navigator.onLine !== false
    },
    hasUser: true,
    subscribe(listener) {
      const ending = new AbortController()
      const on = (target: EventTarget, types: string, signal: () => ActivitySignal): void => {
        for (const type of types.split(' '))
          target.addEventListener(type, () => listener(signal()), {
            signal: ending.signal,
            passive: true,
            capture: true,
          })
      }
      on(document, 'visibilitychange', () => (document.hidden ? 'hidden' : 'visible'))
      on(document, 'resume', () => 'resumed')
      on(document, 'freeze', () => 'frozen')
      on(window, 'pageshow', () => 'resumed')
      on(window, 'pagehide', () => 'frozen')
      on(window, 'online', () => 'online')
      on(window, 'offline', () => 'offline')
      on(window, 'focus', () => 'focused')
      on(window, INPUT_EVENTS, () => 'active')
      return () => ending.abort()
    },
  }
}
