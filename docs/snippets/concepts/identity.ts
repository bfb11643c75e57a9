// #region authenticate
import { createHub, memoryLog } from '@holdfast/server-kit'
// #endregion

// #region auth
import { createClient } from '@holdfast/core'
import { websocket } from '@holdfast/core/transports/websocket'

// #endregion

import type { Client } from '@holdfast/core'
import { indexedDb } from '@holdfast/core/stores/indexeddb'

/** What the application has on the server. */
export interface Users {
  /** Checks a token's signature and its end. */
  readonly verify: (token: string) => Promise<{ sub: string; exp: number; role: string } | null>
  readonly sessionOf: (cookie: string) => Promise<{ user: string } | null>
  readonly isMember: (user: string, room: string) => Promise<boolean>
}

export function hubWithTokens({ verify, isMember }: Users) {
  // #region authenticate
  const hub = createHub({
    log: memoryLog(),
    authenticate: async ({ token }) => {
      if (token === undefined) return undefined // at the upgrade: the token comes with the first frame
      const user = await verify(token)
      if (!user) return null // nobody
      return { id: user.sub, expiresAt: user.exp * 1_000, claims: { role: user.role } }
    },
    channels: {
      'room:{id}': { authorize: ({ identity, params }) => isMember(identity.id, params.id) },
    },
  })
  // #endregion
  return hub
}

export function hubWithCookies({ sessionOf }: Users) {
  // #region cookies
  const hub = createHub({
    log: memoryLog(),
    authenticate: async ({ request }) => {
      const { cookie } = request.headers
      const session = typeof cookie === 'string' ? await sessionOf(cookie) : null
      return session && { id: session.user } // null: 401, and no connection
    },
    channels: { 'room:{id}': { authorize: () => true } },
  })
  // #endregion
  return hub
}

export function hubWithRules({ verify, isMember }: Users) {
  const authenticate = async ({ token }: { token: string | undefined }) => {
    const user = token === undefined ? undefined : await verify(token)
    return user && { id: user.sub, claims: { role: user.role } }
  }
  const log = memoryLog()
  // #region authorize
  const hub = createHub({
    log,
    authenticate,
    channels: {
      'room:{id}': { authorize: ({ identity, params }) => isMember(identity.id, params.id) },
      'news:{topic}': {
        authorize: ({ identity, action }) =>
          action !== 'publish' || (identity.claims as { role: string }).role === 'editor',
      },
      'user:{id}': { authorize: ({ identity, params }) => identity.id === params.id },
      'preview:{id}': {
        authorize: ({ params, clientParams }) => clientParams?.key === `key of ${params.id}`,
      },
    },
  })
  // #endregion
  return hub
}

export function clientWithTokens(session: { token: string }, renewToken: () => Promise<string>) {
  // #region auth
  const client = createClient({
    transports: [websocket({ url: '/realtime' })],
    auth: async ({ reason }) => {
      // 'initial', 'expired' or 'rejected': after the last two, what you have will not do
      const token = reason === 'initial' ? session.token : await renewToken()
      return { token }
    },
  })
  // #endregion
  return client
}

export function clientOf(user: { id: string }, fetchToken: () => Promise<string>) {
  // #region identity
  const client = createClient({
    transports: [websocket({ url: '/realtime' })],
    auth: async () => ({ token: await fetchToken() }),
    store: indexedDb({ name: 'app' }),
    identity: user.id, // what this user has in the store is shown before the server has answered
  })
  // #endregion
  return client
}

export function preview(client: Client, show: (data: unknown) => void) {
  // #region params
  client.channel('preview:7').subscribe({ params: { key: 'key of 7' } }, (message) => show(message.data))
  // #endregion
}

export async function switchUser(client: Client, fetchTokenOf: (user: string) => Promise<string>) {
  // #region logout
  await client.logout() // disconnects, and deletes what the store holds of this user

  client.connect({ auth: async () => ({ token: await fetchTokenOf('ben') }) })
  // #endregion
}

export function whoAmI(client: Client, show: (name: string) => void) {
  // #region who
  client.identity$.subscribe((identity) => show(identity?.id ?? 'unknown'))
  // #endregion
}
