import type { HoldfastError } from '../errors.ts'
import type { Gap } from './message.ts'

/** How a channel's subscription stands. */
export type ChannelState =
  /** Nobody uses the channel, or the client is not connected and was never subscribed. */
  | { readonly status: 'idle' }
  /** It is wanted; the server has not answered yet, or the connection is down. */
  | { readonly status: 'subscribing' }
  /**
   * The server has given a position: everything published from here on arrives. `recovered` says whether everything
   * since the last position followed; otherwise `gap` says what is missing. A new object with every (re)subscribe.
   */
  | { readonly status: 'subscribed'; readonly recovered: boolean; readonly gap: Gap | null }
  /** The server refused or ended the subscription, and asking again by itself is useless; `retry()` asks again. */
  | { readonly status: 'denied'; readonly error: HoldfastError }

export const IDLE: ChannelState = { status: 'idle' }
export const SUBSCRIBING: ChannelState = { status: 'subscribing' }
