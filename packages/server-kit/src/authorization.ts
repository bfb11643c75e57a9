/** What an identity may do on a channel. */
import type { ChannelSetup } from './channel.ts'
import type { HubContext } from './context.ts'
import { HubError } from './errors.ts'
import type { AuthorizeRequest, ChannelContext } from './options.ts'

/** Throws unless the channel's `authorize` allows the action. */
export async function allow(
  context: HubContext,
  { config }: ChannelSetup,
  request: ChannelContext & Pick<AuthorizeRequest, 'clientParams'>,
  action: 'subscribe' | 'history',
): Promise<void> {
  if (config.authorize) {
    if (!isAllowed(await config.authorize({ ...request, action }))) throw new HubError('forbidden')
  } else if (!context.config.isOpen) throw new HubError('unknown_channel')
}

/** Whether `authorize` said yes. A text or an object says nothing, and is not to be taken for a yes. */
export function isAllowed(answer: unknown): boolean {
  if (typeof answer === 'boolean') return answer
  if (answer === undefined || answer === null) return false
  throw new TypeError('authorize must answer true or false')
}
