// #region client
import { createClient } from '@holdfast/core'
import { websocket } from '@holdfast/core/transports/websocket'
import { contract } from '../contract.ts'
// #endregion

import type { HoldfastError } from '@holdfast/core'

export function clientWithContract(show: (text: string) => void) {
  // #region client
  const client = createClient({ transports: [websocket({ url: '/realtime' })], contract })

  const room = client.channel('room:42')
  room.subscribe({ event: 'message', from: 'earliest' }, ({ data }) => show(data.text)) // data: { text: string }
  room.publish('message', { text: 'hello' })
  // #endregion
  return client
}

export type Typed = ReturnType<typeof clientWithContract>

export function whatDoesNotCompile(client: Typed) {
  const room = client.channel('room:42')
  // #region compile-time
  // @ts-expect-error: no channel of the contract has this name
  client.channel('rom:42')
  // @ts-expect-error: there is no such event
  room.subscribe('massage', () => undefined)
  // @ts-expect-error: text is a string
  room.publish('message', { text: 42 })
  // #endregion
}

export async function whatIsRefused(client: Typed, tell: (text: string) => void) {
  const room = client.channel('room:42')
  // #region run-time
  const failure: HoldfastError = await room.publish('message', { text: '' }).catch((error) => error)
  tell(failure.code) // contract_violation
  tell(failure.path ?? '') // data.text
  tell(failure.message) // data.text: Too small: … (event message of room:42)
  // #endregion
}
