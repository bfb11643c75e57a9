/** A program under test: it listens, and the load generator speaks its dialect. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export const TARGETS = ['limit', 'limit-corked', 'limit-single', 'holdfast', 'naive', 'socketio'] as const
export type TargetName = (typeof TARGETS)[number]

/** Starts to listen and answers with the port. */
export type StartTarget = (name: TargetName) => Promise<number>

/** On all loopback addresses: one of them has too few ports for 10,000 clients. */
export function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port: 0, host: '0.0.0.0', backlog: 4_096 }, () => {
      resolve((server.address() as AddressInfo).port)
    })
  })
}
