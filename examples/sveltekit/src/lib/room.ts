/** The room, as the page and the hub know it. */
import type { EventsOf, ListedMessage, MessageOf } from '@holdfast/core'
import { defineContract } from '@holdfast/core/contract'
import { z } from 'zod'

export const ROOM = 'lobby'
export const MAX_LENGTH = 500
/** With how many messages a page begins. */
export const LATEST = 50

const message = z.object({ text: z.string().min(1).max(MAX_LENGTH, `At most ${MAX_LENGTH} characters`) })

export const contract = defineContract({ channels: { [ROOM]: { events: { message } } } })

export type RoomContract = typeof contract

/** A message as the page lists it. */
export type RoomMessage = ListedMessage<MessageOf<EventsOf<RoomContract, typeof ROOM>>>
