/** Opens a log file that another process owns, and says how that went. */
import type { HubError } from '../errors.ts'
import { sqliteLog } from '../log/sqlite.ts'

sqliteLog(process.argv[2] as string)
  .open()
  .then(
    () => process.send?.('opened'),
    (error: HubError) => process.send?.(error.code),
  )
  .finally(() => process.disconnect?.())
