/** Errors on their way to a client: what is typed goes as it is, anything else only as a reference to the hub's log. */
import { randomText } from '@holdfast/core/ports'
import { type WireError, wireError } from '@holdfast/core/protocol'
import type { HubContext } from './context.ts'
import { HubError } from './errors.ts'

const REFERENCE_LENGTH = 12

/** @param doing what failed, for the hub's log */
export function toWireError(context: HubContext, error: unknown, doing: string): WireError {
  if (error instanceof HubError) {
    const { code, message, retryAfterMs, top, path } = error
    const isInternal = error.class === 'server' || error.class === 'config'
    // An engine's message may name files and addresses.
    if (isInternal && code !== 'draining') context.events.fail(doing, error)
    return wireError(code, {
      ...(isInternal ? {} : { message }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(top === undefined ? {} : { top }),
      ...(path === undefined ? {} : { path }),
    })
  }
  const reference = randomText(context.config.random, REFERENCE_LENGTH)
  context.events.fail(doing, error, reference)
  return wireError('internal', { message: `Something broke on the server. Reference: ${reference}` })
}
