/** Who a client is: what `authenticate` says, or an anonymous identity of the client's own secret. */
import { hash } from 'node:crypto'
import { randomText } from '@holdfast/core/ports'
import type { AuthFrame } from '@holdfast/core/protocol'
import { HubError } from './errors.ts'
import type { RequestInfo } from './link.ts'
import type { HubConfig, Identity } from './options.ts'

export const ANONYMOUS_PREFIX = 'anon-'
const ANONYMOUS_LENGTH = 22
/** It has no UTF-8: a store would take two such ids for the same one. */
const LONE_SURROGATE = /\p{Surrogate}/u

/** The answer of `authenticate` at the upgrade: an identity, or undefined where the auth frame decides. */
export async function identifyRequest(
  config: HubConfig,
  request: RequestInfo,
): Promise<Identity | undefined> {
  if (!config.authenticate) return undefined
  const identity = await config.authenticate({ request, token: undefined, reason: 'upgrade' })
  if (identity === null) throw new HubError('unauthenticated')
  return identity && checked(config, identity)
}

/** @param current the identity that the session has already, or was given at the upgrade */
export async function identify(
  config: HubConfig,
  frame: AuthFrame,
  request: RequestInfo | null,
  current: Identity | null,
): Promise<Identity> {
  if (!config.authenticate || !request) return anonymous(config, frame, current)
  if (frame.token === undefined && current) return checked(config, current)
  const identity = await config.authenticate({ request, token: frame.token, reason: 'auth' })
  if (!identity) throw new HubError('unauthenticated')
  return checked(config, identity)
}

/** The key is a secret: whoever has it is this identity, and the identity does not tell it. */
function anonymous(config: HubConfig, { anonymousKey }: AuthFrame, current: Identity | null): Identity {
  if (anonymousKey === undefined) {
    return current ?? { id: ANONYMOUS_PREFIX + randomText(config.random, ANONYMOUS_LENGTH) }
  }
  const digest = hash('sha256', `${config.app} ${anonymousKey}`, 'base64url')
  return { id: ANONYMOUS_PREFIX + digest.slice(0, ANONYMOUS_LENGTH) }
}

function checked(config: HubConfig, identity: Identity): Identity {
  const { id, expiresAt } = identity
  if (typeof id !== 'string' || id.length < 1 || id.length > 200 || LONE_SURROGATE.test(id)) {
    throw new TypeError(
      'authenticate must answer an identity whose id has 1 to 200 characters, all of them Unicode',
    )
  }
  if (expiresAt !== undefined && !Number.isFinite(expiresAt)) {
    throw new TypeError(
      'authenticate must answer an identity whose expiresAt is a number of milliseconds since 1970',
    )
  }
  if (expiresAt !== undefined && expiresAt <= config.clock.now()) throw new HubError('token_expired')
  return identity
}
