// #region create
import { createHub, sqliteLog } from '@holdfast/server-kit'
// #endregion

// #region serve
import { serve } from '@holdfast/server-kit'
// #endregion

// #region express
import { createServer } from 'node:http'
import { attachWebSocket, expressMount } from '@holdfast/server-kit'
import express from 'express'
// #endregion

// #region refuse
import { HubError } from '@holdfast/server-kit'
// #endregion

import { type Hub, memoryLog } from '@holdfast/server-kit'

export function smallestHub() {
  // #region create
  const hub = createHub({
    log: sqliteLog('holdfast.db'),
    channels: { 'room:{id}': { authorize: () => true } },
  })
  // #endregion
  return hub
}

export async function serveAlone(hub: Hub) {
  // #region serve
  const { port, close } = await serve(hub, { port: 8080, path: '/realtime' })
  process.once('SIGTERM', () => close({ drainMs: 10_000 }))
  // #endregion
  return { port, close }
}

export function mountInExpress(hub: Hub) {
  // #region express
  const app = express()
  app.use('/realtime', expressMount(hub)) // GET /realtime/health
  app.get('/', (_request, response) => void response.send('the page'))

  const server = createServer(app)
  attachWebSocket(server, hub, { path: '/realtime' }) // takes the upgrades of this path, and leaves all others alone
  server.listen(8080)
  // #endregion
  return server
}

export async function publishFromServer(hub: Hub, order: { id: string; total: number }) {
  // #region publish
  await hub.publish('orders', 'paid', order, { id: `paid-${order.id}` }) // stored once, however often this runs
  await hub.publishBatch('orders', [
    { event: 'packed', data: { id: order.id } },
    { event: 'sent', data: { id: order.id } },
  ])
  // #endregion
}

const isMuted = (user: string): boolean => user === 'ben'
const wantsAds = (user: string): boolean => user === 'ann'

export function hubWithHooks() {
  const authenticate = ({ token }: { token: string | undefined }) => (token ? { id: token } : undefined)
  // #region hooks
  const hub = createHub({
    log: memoryLog(),
    authenticate,
    channels: {
      'room:{id}': {
        authorize: () => true,
        onSubscribe: ({ from }) => (from === 'earliest' ? { from: { last: 100 } } : true),
        onPublish: ({ data }, { identity }) => {
          if (isMuted(identity.id)) return false // forbidden
          return { data: { text: String(data).trim(), by: identity.id } }
        },
        onMessage: ({ event }) => (event === 'internal' ? null : undefined), // null: nobody gets it
        onMessageFor: ({ event }, { identity }) =>
          event === 'ad' && !wantsAds(identity.id) ? null : undefined,
      },
    },
  })
  // #endregion
  return hub
}

export function hubThatRefuses(isFull: (room: string) => boolean) {
  const log = memoryLog()
  // #region refuse
  const hub = createHub({
    log,
    channels: {
      'room:{id}': {
        authorize: () => true,
        onPublish: (_message, { params }) => {
          if (isFull(params.id)) throw new HubError('rate_limited', { retryAfterMs: 5_000 })
        },
      },
    },
  })
  // #endregion
  return hub
}

export function hubWithLimits() {
  // #region limits
  const hub = createHub({
    log: memoryLog(),
    channels: {
      'room:{id}': { authorize: () => true, retention: { maxEntries: 1_000, maxAgeMs: 3_600_000 } },
    },
    limits: { messageBytes: 16_384, channelsPerClient: 50 },
    allowedOrigins: ['https://app.example'],
  })
  // #endregion
  return hub
}

export function watch(hub: Hub, log: (text: string) => void) {
  // #region events
  hub.on('connect', ({ identity, clientId }) => log(`${identity.id} came (${clientId})`))
  hub.on('publish', ({ channel, identity, ids }) =>
    log(`${ids.length} on ${channel} by ${identity?.id ?? 'the server'}`),
  )
  const unlisten = hub.on('error', ({ context, reference, error }) =>
    log(`${context} ${reference}: ${error}`),
  )
  // #endregion
  return unlisten
}

export async function shutDown(hub: Hub) {
  // #region close
  await hub.close({ drainMs: 10_000 })
  // #endregion
}
