/** Where the token of an `auth` frame comes from, and when it is renewed. */
import { HoldfastError } from '../errors.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import type { Deadlines } from './deadlines.ts'

/**
 * Why a token is wanted: for a new session; because the last one's life is over or nearly so; because the server
 * did not accept the last one. With `expired` and `rejected`, a token from the application's own cache will not do.
 */
export type AuthReason = 'initial' | 'expired' | 'rejected'

interface Token {
  readonly token: string
}

/**
 * Gives the token of the next `auth` frame, or null for an anonymous client. It is called for every new session and
 * awaited before the session's first frame. Where it throws or rejects, the connection backs off and asks again.
 */
export type Auth = (request: { readonly reason: AuthReason }) => Promise<Token | null> | Token | null

/** What an `auth` frame proves itself with: nothing where the upgrade request's cookies have to do. */
export interface Credentials {
  readonly token?: string
  readonly anonymousKey?: string
}

/** The share of its life after which a token is renewed. */
const RENEWAL = 0.8
/** How long to wait before asking for a renewal again, where the application could not give one. */
const RENEWAL_RETRY_MS = 5_000

export interface TokensOptions {
  readonly auth: Auth | undefined
  readonly anonymousKey: (() => Promise<string>) | undefined
  readonly timeoutMs: number
  readonly clock: Clock
  readonly deadlines: Deadlines
}

export interface Tokens {
  /** The credentials for an `auth` frame. Rejects with a HoldfastError that has the application's error as cause. */
  fetch(reason: AuthReason): Promise<Credentials>
  /** Calls `renew` at 80 % of the life of the token that was just accepted; undefined: it does not expire. */
  accepted(expiresInMs: number | undefined, renew: () => void): void
  /** Calls `renew` again a little later, since the application could not give a token. */
  retry(renew: () => void): void
  /** Ends the waiting, also for a token that is being fetched. What is known of the last token's life is kept: the next session asks with `expired`. */
  stop(): void
}

export function createTokens({ auth, anonymousKey, timeoutMs, clock, deadlines }: TokensOptions): Tokens {
  let timer: Timer | null = null
  let renewAt: number | null = null
  let abandon: () => void = () => undefined

  function schedule(ms: number, renew: () => void): void {
    timer?.clear()
    timer = deadlines.after(ms, renew)
  }

  async function credentials(reason: AuthReason): Promise<Credentials> {
    const token = auth ? await auth({ reason }) : null
    if (!token) return anonymousKey ? { anonymousKey: await anonymousKey() } : {}
    if (typeof token.token !== 'string') throw new TypeError('auth must give { token: string } or null')
    return { token: token.token }
  }

  return {
    fetch(reason) {
      const isOver = renewAt !== null && clock.now() >= renewAt
      return new Promise((resolve, reject) => {
        const timeout = deadlines.after(timeoutMs, () =>
          reject(new HoldfastError('unauthenticated', { message: `auth gave no token in ${timeoutMs} ms.` })),
        )
        credentials(reason === 'initial' && isOver ? 'expired' : reason)
          .then(resolve, (cause) =>
            reject(new HoldfastError('unauthenticated', { message: 'auth failed.', cause })),
          )
          .finally(() => timeout.clear())
        abandon = () => timeout.clear()
      })
    },
    accepted(expiresInMs, renew) {
      timer?.clear()
      const lifeMs = expiresInMs === undefined ? null : expiresInMs * RENEWAL
      renewAt = lifeMs === null ? null : clock.now() + lifeMs
      if (lifeMs !== null) schedule(lifeMs, renew)
    },
    retry: (renew) => schedule(RENEWAL_RETRY_MS, renew),
    stop() {
      timer?.clear()
      abandon()
    },
  }
}
