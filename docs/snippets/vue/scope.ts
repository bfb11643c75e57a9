// #region scope
import { useMessages } from '@holdfast/vue'
import { effectScope } from 'vue'
// #endregion

import type { App } from 'vue'

export function listen(app: App) {
  // #region scope
  const scope = effectScope()
  const room = app.runWithContext(() => scope.run(() => useMessages('room:42')))
  // room.messages.value is filled from here on
  const stop = () => scope.stop()
  // #endregion
  return { room, stop }
}
