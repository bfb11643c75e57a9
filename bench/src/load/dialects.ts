import type { TargetName } from '../targets/target.ts'
import type { Dialect } from './dialect.ts'
import { holdfastDialect } from './holdfast-dialect.ts'
import { plainDialect } from './plain-dialect.ts'
import { socketioDialect } from './socketio-dialect.ts'

export const DIALECTS: Readonly<Record<TargetName, Dialect>> = {
  limit: plainDialect,
  'limit-corked': plainDialect,
  'limit-single': plainDialect,
  holdfast: holdfastDialect,
  naive: plainDialect,
  socketio: socketioDialect,
}
