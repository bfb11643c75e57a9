/** What a room carries. The page publishes and reads by it, the hub validates by it. */
import { defineContract } from '@holdfast/core/contract'
import { z } from 'zod'

// Else zod tries whether it may compile its schemas, which the page's content security policy reports as a violation.
z.config({ jitless: true })

const message = z.object({
  text: z.string().min(1).max(2_000, 'At most 2,000 characters'),
  /** Who said it: the hub puts it there, from the token, so that nobody can borrow another's. */
  name: z.string().optional(),
})

export const contract = defineContract({ channels: { 'room:{id}': { events: { message } } } })

export type ChatContract = typeof contract
export type RoomChannel = `room:${string}`
/** What was said, as it comes and as it is sent. */
export type ChatData = z.infer<typeof message>

export const channelOf = (room: string): RoomChannel => `room:${room}`
